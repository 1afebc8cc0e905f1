// Opens one's own cell without a network: the page and its files, nothing that the server answers.

/**
 * @typedef {{ waitUntil: (work: Promise<unknown>) => void }} Extended
 * @typedef {Extended & { request: Request, respondWith: (answer: Promise<Response>) => void }} Fetched
 * @typedef {Extended & { data: { keep?: string[] } | null }} Told
 * @typedef {{ addEventListener: (name: string, heard: (event: any) => void) => void,
 *   skipWaiting: () => Promise<void>, clients: { claim: () => Promise<void> } }} Keeper
 */

const keeper = /** @type {Keeper} */ (/** @type {unknown} */ (self));
const CACHE = 'wangge-work';
const PAGE = '/work';
const FILES = ['/static/', '/work.webmanifest'];
const FOR_EVER = '/static/vendor/';
/** From whose answers on another account may be signed in: nothing of the one before stays. */
const DOORS = ['/login', '/logout'];
/** Ways to the page that a phone may take from its home screen, or when the language changes. */
const WAYS = ['/', '/language/zh', '/language/en'];
const PATIENCE_MS = 8000;

/** @param {string | Request} key @param {Response} answer */
async function keep(key, answer) {
  if (!answer.ok || answer.type !== 'basic' || answer.redirected) return;
  const cache = await caches.open(CACHE);
  await cache.put(key, answer);
}

/** The network's answer, else the one kept; where one is kept, a network that hangs is none. @param {Fetched} event @param {string} key */
async function fresh(event, key) {
  const kept = await caches.match(key, { cacheName: CACHE });
  const asked = fetch(event.request).then((answer) => {
    event.waitUntil(keep(key, answer.clone()));
    return answer;
  });
  if (!kept) return asked;
  /** @type {Promise<Response>} */
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, kept));
  return Promise.race([asked.catch(() => kept), late]);
}

/** What never changes under its name. @param {Fetched} event @param {string} key */
async function lasting(event, key) {
  const kept = await caches.match(key, { cacheName: CACHE });
  return kept || fresh(event, key);
}

/** Another way to the page: without a network, to the one kept. @param {Request} request */
async function way(request) {
  try {
    return await fetch(request);
  } catch (error) {
    if (await caches.match(PAGE, { cacheName: CACHE })) return Response.redirect(PAGE, 302);
    throw error;
  }
}

/** Keep the files of the page that is open, then the page, and forget those of before. @param {string[]} files */
async function keepAll(files) {
  const cache = await caches.open(CACHE);
  const urls = files.map((file) => new URL(file, location.origin).href);
  const page = new URL(PAGE, location.origin).href;
  for (const request of await cache.keys()) {
    if (![...urls, page].includes(request.url)) await cache.delete(request);
  }
  await Promise.all(urls.map((url) => fetched(url, url.includes(FOR_EVER))));
  await fetched(page, false); // last: a page without its files is none
}

/** @param {string} url @param {boolean} lasts  Once kept, it need not be asked for again. */
async function fetched(url, lasts) {
  if (lasts && (await caches.match(url, { cacheName: CACHE }))) return;
  try {
    await keep(url, await fetch(url, { credentials: 'same-origin' }));
  } catch {
    // no network: what was kept before stays
  }
}

keeper.addEventListener('install', (/** @type {Extended} */ event) => {
  event.waitUntil(keeper.skipWaiting());
});

keeper.addEventListener('activate', (/** @type {Extended} */ event) => {
  event.waitUntil(keeper.clients.claim());
});

keeper.addEventListener('message', (/** @type {Told} */ event) => {
  if (event.data && event.data.keep) event.waitUntil(keepAll(event.data.keep));
});

keeper.addEventListener('fetch', (/** @type {Fetched} */ event) => {
  const { request } = event;
  const { origin, pathname, search } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.method === 'POST' && DOORS.includes(pathname)) {
    event.waitUntil(caches.delete(CACHE));
    return;
  }
  if (request.method !== 'GET') return;
  if (request.mode === 'navigate' && pathname === PAGE) event.respondWith(fresh(event, PAGE));
  else if (request.mode === 'navigate' && WAYS.includes(pathname)) event.respondWith(way(request));
  else if (pathname.startsWith(FOR_EVER)) event.respondWith(lasting(event, pathname + search));
  else if (FILES.some((start) => pathname.startsWith(start)))
    event.respondWith(fresh(event, pathname + search));
});
