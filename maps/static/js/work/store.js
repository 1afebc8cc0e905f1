// What the phone keeps: in IndexedDB, on its disk before anything waits for a network.

/**
 * @typedef {{ id: string, account: string, kind: 'report' | 'track', op_id: string, made: number,
 *   body: Record<string, any>, photos: string[], bytes: number, state: 'waiting' | 'parked',
 *   tries: number, next: number, problem?: Problem | null }} Item  Something to be sent, and how far it got.
 * @typedef {{ title: string, detail: string, errors: { field: string, message: string }[] }} Problem
 * @typedef {{ item: string, sha256: string, bytes: ArrayBuffer, type: string, sent: boolean }} Photo
 * @typedef {{ key: string, account: string, kind: 'report' | 'track', made: number, at: number,
 *   seq: number, id: string, body: Record<string, any>, photos: number, count: number,
 *   settled?: boolean }} Receipt  The server's proof; `count` is of batches or fixes.
 * @typedef {'outbox' | 'photos' | 'receipts' | 'drafts' | 'patrols' | 'fixes' | 'known' | 'leases'} Name
 */

const DATABASE = 'wangge';
const VERSION = 1;

/** @type {Promise<IDBDatabase> | null} */
let open = null;

/** @param {IDBDatabase} db */
function lay(db) {
  db.createObjectStore('outbox', { keyPath: 'id' }).createIndex('account', 'account');
  db.createObjectStore('photos', { keyPath: ['item', 'sha256'] }).createIndex('item', 'item');
  db.createObjectStore('receipts', { keyPath: 'key' }).createIndex('account', 'account');
  db.createObjectStore('drafts', { keyPath: 'account' });
  db.createObjectStore('patrols', { keyPath: 'account' });
  db.createObjectStore('fixes', { keyPath: ['patrol', 'seq'] }).createIndex('patrol', 'patrol');
  db.createObjectStore('known', { keyPath: ['account', 'what'] });
  db.createObjectStore('leases', { keyPath: 'name' });
}

/** @returns {Promise<IDBDatabase>} */
function database() {
  if (!open) {
    open = new Promise((resolve, reject) => {
      const asked = indexedDB.open(DATABASE, VERSION);
      asked.onupgradeneeded = () => lay(asked.result);
      asked.onerror = () => reject(asked.error);
      asked.onsuccess = () => {
        const db = asked.result;
        db.onclose = forget; // some phones close it by themselves
        db.onversionchange = () => {
          db.close();
          forget();
        };
        resolve(db);
      };
    });
    open.catch(forget);
  }
  return open;
}

function forget() {
  open = null;
}

/**
 * Do work in one transaction: all of it is kept, or nothing. Resolves once it is on disk, with the
 * result of the request that `work` returns.
 * @template T @param {Name[]} names @param {IDBTransactionMode} mode
 * @param {(store: (name: Name) => IDBObjectStore) => IDBRequest<T> | void} work @returns {Promise<T>}
 */
export async function transact(names, mode, work) {
  try {
    return await once(names, mode, work);
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'InvalidStateError')) throw error;
    forget(); // the connection was closed behind our back
    return once(names, mode, work);
  }
}

/**
 * @template T @param {Name[]} names @param {IDBTransactionMode} mode
 * @param {(store: (name: Name) => IDBObjectStore) => IDBRequest<T> | void} work @returns {Promise<T>}
 */
async function once(names, mode, work) {
  const db = await database();
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(names, mode, { durability: 'strict' });
    /** @type {IDBRequest<T> | void} */
    let request;
    transaction.oncomplete = () => resolve(/** @type {T} */ (request && request.result));
    transaction.onabort = () => reject(transaction.error || new DOMException('', 'AbortError'));
    transaction.onerror = () => reject(transaction.error);
    request = work((name) => transaction.objectStore(name));
  });
}

/** @param {Name} name @param {IDBValidKey} key @returns {Promise<any>} */
export const get = (name, key) => transact([name], 'readonly', (store) => store(name).get(key));

/** @param {Name} name @param {unknown} value */
export const keep = (name, value) => transact([name], 'readwrite', (store) => store(name).put(value));

/** @param {Name} name @param {IDBValidKey} key */
export const drop = (name, key) => transact([name], 'readwrite', (store) => store(name).delete(key));

/** Everything whose index has a value. @param {Name} name @param {string} index @param {IDBValidKey} value @returns {Promise<any[]>} */
export const all = (name, index, value) =>
  transact([name], 'readonly', (store) => store(name).index(index).getAll(value));

/** Take away every row of an index. @param {IDBObjectStore} store @param {string} index @param {IDBValidKey} value */
export function clear(store, index, value) {
  store.index(index).getAllKeys(value).onsuccess = (event) => {
    const keys = /** @type {IDBRequest<IDBValidKey[]>} */ (event.target).result;
    for (const key of keys) store.delete(key);
  };
}
