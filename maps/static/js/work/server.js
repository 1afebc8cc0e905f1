// Talk to our server as one account: a session that is another's by now gets nothing done in its name.
import { facts } from './facts.js';

/** @typedef {import('./outbox.js').Answer} Answer */

const QUICK_MS = 45_000;
const LONG_MS = 240_000;
/** The server refuses (401) what comes with the session of an account other than this. */
const HEADERS = { 'Wangge-Account': encodeURIComponent(facts.account), Accept: 'application/json' };

/** @param {string} path */
export const read = (path) => ask(path, { method: 'GET' }, QUICK_MS);

/** @param {string} path @param {unknown} body */
export const send = (path, body) =>
  ask(
    path,
    { method: 'PUT', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } },
    QUICK_MS,
  );

/** @param {string} path @param {ArrayBuffer} bytes @param {string} type */
export const sendBytes = (path, bytes, type) =>
  ask(path, { method: 'PUT', body: bytes, headers: { 'Content-Type': type } }, LONG_MS);

/** @param {string} path @param {RequestInit & { headers?: Record<string, string> }} request @param {number} patience @returns {Promise<Answer>} */
async function ask(path, request, patience) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  try {
    const answer = await fetch(path, {
      ...request,
      headers: { ...HEADERS, ...request.headers },
      redirect: 'manual', // nobody of ours leads elsewhere; a network's sign-in page does
      cache: 'no-store',
      signal: stop.signal,
    });
    const text = await answer.text();
    const wait = Number(answer.headers.get('Retry-After')) || 0;
    return { status: answer.status || 300, body: parsed(text), wait };
  } catch {
    return { status: 0, body: null };
  } finally {
    clearTimeout(timer);
  }
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
