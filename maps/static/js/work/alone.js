// One tab does a thing, the others leave it.
import { transact } from './store.js';

const LEASE_MS = 30_000;
const ME = String(Math.random());

/**
 * Do something unless another tab is at it. Where the browser has no locks, a lease on the disk
 * stands for one; `renew` keeps it, and tells whether it is still ours.
 * @param {string} name @param {(renew: () => Promise<boolean>) => Promise<void>} work
 * @returns {Promise<boolean>} whether it was done here
 */
export async function alone(name, work) {
  if (navigator.locks) {
    return navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
      if (lock) await work(async () => true);
      return lock !== null;
    });
  }
  if (!(await lease(name, LEASE_MS))) return false;
  try {
    await work(() => lease(name, LEASE_MS));
  } finally {
    await lease(name, 0);
  }
  return true;
}

/**
 * Be the one tab that does a thing for as long as the page lives; calls back once it is.
 * @param {string} name @param {() => void} gained
 */
export function hold(name, gained) {
  if (navigator.locks) {
    navigator.locks.request(name, () => {
      gained();
      return new Promise(() => undefined);
    });
    return;
  }
  let held = false;
  const attempt = async () => {
    if (!(await lease(name, LEASE_MS)) || held) return;
    held = true;
    gained();
  };
  attempt();
  setInterval(attempt, LEASE_MS / 3);
}

/** Take or keep a lease for so long; false if another tab has it. @param {string} name @param {number} ms */
async function lease(name, ms) {
  let ours = false;
  await transact(['leases'], 'readwrite', (store) => {
    const leases = store('leases');
    leases.get(name).onsuccess = (event) => {
      const held = /** @type {IDBRequest<any>} */ (event.target).result;
      ours = !held || held.by === ME || held.until < Date.now();
      if (ours) leases.put({ name, by: ME, until: Date.now() + ms });
    };
  });
  return ours;
}
