// What becomes of something to be sent: decided here, without a network or a disk.

/** @typedef {import('./store.js').Item} Item @typedef {import('./store.js').Problem} Problem */
/**
 * @typedef {{ status: number, body: any, wait?: number }} Answer
 *   `status` 0: there was none; `body` is null where it was no JSON; `wait`: seconds the server asks for.
 * @typedef {'delivered' | 'later' | 'offline' | 'sign-in' | 'photos' | 'parked'} Verdict
 */

const FIRST_MS = 5_000;
const LONGEST_MS = 300_000;
const UNAUTHORIZED = 401;
const TOO_MANY = 429;
const PATIENCE = 3;

/**
 * What an answer means. Only a receipt for this very act counts: a network's own sign-in page
 * answers 200 to everything.
 * @param {Answer} answer @param {Item} item @returns {Verdict}
 */
export function verdict({ status, body }, item) {
  if (status === 0) return 'offline';
  if (status >= 200 && status < 300) return body && body.op_id === item.op_id ? 'delivered' : 'later';
  if (status === UNAUTHORIZED) return 'sign-in';
  if (status === TOO_MANY || status >= 500 || status < 400) return 'later';
  if (!body || typeof body.title !== 'string') return 'later'; // no word of our server's
  const lacking = errorsOf(body).some(({ field }) => field === 'media');
  return lacking && item.tries < PATIENCE ? 'photos' : 'parked';
}

/** What an answer to a photo means. @param {Answer} answer @param {string} name  Its digest. @returns {Verdict} */
export function photoVerdict({ status, body }, name) {
  if (status === 0) return 'offline';
  if (status >= 200 && status < 300) return body && body.sha256 === name ? 'delivered' : 'later';
  if (status === UNAUTHORIZED) return 'sign-in';
  if (status === TOO_MANY || status >= 500 || status < 400) return 'later';
  return body && typeof body.title === 'string' ? 'parked' : 'later';
}

/** How long to wait after so many attempts: doubled each time, at most 5 min, never the same twice. @param {number} tries @param {number} [wait] @param {number} [chance] */
export function backOff(tries, wait = 0, chance = Math.random()) {
  const doubled = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(tries, 10));
  return Math.max(wait * 1000, doubled / 2 + (doubled / 2) * chance);
}

/** The items whose turn it is, the oldest first. @param {Item[]} items @param {number} now */
export function turn(items, now) {
  return items
    .filter((item) => item.state === 'waiting' && item.next <= now)
    .sort((a, b) => a.made - b.made || (a.id < b.id ? -1 : 1));
}

/** When to look again; null: nothing waits. @param {Item[]} items @returns {number | null} */
export function nextTurn(items) {
  const times = items.filter((item) => item.state === 'waiting').map((item) => item.next);
  return times.length ? Math.min(...times) : null;
}

/** What a server's refusal says, for the one who has to do something. @param {any} body @returns {Problem} */
export function problemOf(body) {
  return {
    title: String((body && body.title) || ''),
    detail: String((body && body.detail) || ''),
    errors: errorsOf(body),
  };
}

/** @param {any} body @returns {Problem['errors']} */
function errorsOf(body) {
  const errors = body && Array.isArray(body.errors) ? body.errors : [];
  return errors.map((/** @type {any} */ error) => ({
    field: String(error.field),
    message: String(error.message),
  }));
}
