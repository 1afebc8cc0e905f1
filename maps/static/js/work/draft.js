// The report that is being written: on the disk as it grows, and from there into the outbox in one step.
import { uuid } from './ids.js';
import { all, clear, get, transact } from './store.js';

/**
 * @typedef {import('./geo.js').Spot} Spot @typedef {import('./photos.js').Shot} Shot
 * @typedef {import('./store.js').Item} Item @typedef {import('./store.js').Photo} Photo
 * @typedef {{ spot: Spot, by: 'position' | 'hand', accuracy: number | null }} Pin
 * @typedef {{ account: string, category: string, severity: string, text: string, pin: Pin | null,
 *   shots: string[], begun: number, replaces: string }} Draft
 *   `shots`: the photos' names in order; `replaces`: the parked item that it corrects.
 */

/** The draft's photos lie among the others under this name. @param {string} account */
const under = (account) => `draft ${account}`;

/** @param {string} account @returns {Draft} */
export function blank(account) {
  return {
    account,
    category: '',
    severity: 'ordinary',
    text: '',
    pin: null,
    shots: [],
    begun: 0,
    replaces: '',
  };
}

/** What was being written when the page was closed. @param {string} account @returns {Promise<{ draft: Draft, shots: Shot[] }>} */
export async function load(account) {
  const draft = (await get('drafts', account)) || blank(account);
  const photos = /** @type {Photo[]} */ (await all('photos', 'item', under(account)));
  const shots = draft.shots.flatMap((/** @type {string} */ name) =>
    photos.filter((photo) => photo.sha256 === name),
  );
  return { draft, shots };
}

/** Keep the draft, and a photo that was just added. @param {Draft} draft @param {Shot | null} [shot] */
export function save(draft, shot = null) {
  return transact(['drafts', 'photos'], 'readwrite', (store) => {
    store('drafts').put(draft);
    if (shot) store('photos').put({ ...shot, item: under(draft.account), sent: false });
  });
}

/** @param {Draft} draft @param {string} name  A photo to take away. */
export function without(draft, name) {
  return transact(['drafts', 'photos'], 'readwrite', (store) => {
    store('drafts').put(draft);
    store('photos').delete([under(draft.account), name]);
  });
}

/** @param {string} account */
export function forget(account) {
  return transact(['drafts', 'photos'], 'readwrite', (store) => {
    store('drafts').delete(account);
    clear(store('photos'), 'item', under(account));
  });
}

/** Put what the server refused back on the desk; its copy in the outbox stays until the corrected one is kept. @param {Item} item */
export async function reopen(item) {
  const { body } = item;
  const photos = /** @type {Photo[]} */ (await all('photos', 'item', item.id));
  /** @type {Draft} */
  const draft = {
    account: item.account,
    category: body.category,
    severity: body.severity,
    text: body.text,
    pin: {
      spot: [body.lon, body.lat],
      by: body.accuracy_m === null ? 'hand' : 'position',
      accuracy: body.accuracy_m,
    },
    shots: item.photos,
    begun: Date.parse(body.captured_at),
    replaces: item.id,
  };
  await transact(['drafts', 'photos'], 'readwrite', (store) => {
    store('drafts').put(draft);
    for (const photo of photos) store('photos').put({ ...photo, item: under(item.account) });
  });
}

/** Put the report and its photos into the outbox, and the draft away, in one transaction. @param {Draft & { pin: Pin }} draft @param {Shot[]} shots @param {boolean} settled */
export async function file(draft, shots, settled) {
  const { pin, account } = draft;
  const op = uuid();
  const id = uuid();
  /** @type {Item} */
  const item = {
    id,
    account,
    kind: 'report',
    op_id: op,
    made: Date.now(),
    body: {
      op_id: op,
      lon: pin.spot[0],
      lat: pin.spot[1],
      accuracy_m: pin.by === 'position' && pin.accuracy !== null ? Math.round(pin.accuracy * 10) / 10 : null,
      category: draft.category,
      severity: draft.severity,
      text: draft.text.trim(),
      captured_at: new Date(draft.begun || Date.now()).toISOString(),
      media: shots.map((shot) => shot.sha256),
      self_handled: settled,
    },
    photos: shots.map((shot) => shot.sha256),
    bytes: shots.reduce((sum, shot) => sum + shot.bytes.byteLength, 0),
    state: 'waiting',
    tries: 0,
    next: 0,
  };
  await transact(['outbox', 'photos', 'drafts'], 'readwrite', (store) => {
    store('outbox').put(item);
    for (const { sha256, bytes, type } of shots) {
      store('photos').put({ item: id, sha256, bytes, type, sent: false });
    }
    store('drafts').delete(account);
    clear(store('photos'), 'item', under(account));
    if (draft.replaces) {
      store('outbox').delete(draft.replaces);
      clear(store('photos'), 'item', draft.replaces);
    }
  });
  return item;
}
