// Talk to the server: an answer is its status and what it said, a refusal is two sentences.
import { say } from '../words.js';

/**
 * @typedef {{ title?: string, detail?: string, code?: string,
 *   errors?: { field: string, code: string, message: string }[] } & Record<string, any>} Problem
 * @typedef {{ status: number, body: any }} Answer  Status 0: nobody answered.
 */

/** @param {string} path @param {unknown} [body] @returns {Promise<Answer>} */
export async function ask(path, body) {
  const json = { 'Content-Type': 'application/json', Accept: 'application/json' };
  /** @type {RequestInit} */
  const request = body ? { method: 'POST', body: JSON.stringify(body), headers: json } : {};
  try {
    const answer = await fetch(path, { cache: 'no-store', ...request });
    return { status: answer.status, body: parsed(await answer.text()) };
  } catch {
    return { status: 0, body: null };
  }
}

/**
 * Send a form, telling how much of it is on the way; only XMLHttpRequest knows.
 * @param {string} path @param {FormData} form @param {(share: number) => void} told  Of 1.
 * @returns {Promise<Answer>}
 */
export function upload(path, form, told) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    request.setRequestHeader('Accept', 'application/json');
    request.upload.onprogress = (event) => told(event.lengthComputable ? event.loaded / event.total : 0);
    request.upload.onload = () => told(1);
    request.onload = () => resolve({ status: request.status, body: parsed(request.responseText) });
    request.onerror = () => resolve({ status: 0, body: null });
    request.send(form);
  });
}

/** What a refusal says: the reason, and the way on. @param {Answer} answer @returns {[string, string]} */
export function refusal({ status, body }) {
  const problem = /** @type {Problem} */ (body || {});
  if (status === 0) return [say('The server does not answer.'), say('Check the network and try again.')];
  if (problem.title) return [problem.title, problem.detail || ''];
  return [say('The server answered with an error ({status}).', { status }), say('Please try again.')];
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
