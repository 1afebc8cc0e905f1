// Sends what the phone keeps: photos first, each thing until its receipt is here, one tab at a time.
import { alone } from './alone.js';
import { backOff, nextTurn, photoVerdict, problemOf, turn, verdict } from './outbox.js';
import { send, sendBytes } from './server.js';
import { all, clear, get, keep, transact } from './store.js';

/**
 * @typedef {import('./store.js').Item} Item @typedef {import('./store.js').Photo} Photo
 * @typedef {import('./store.js').Receipt} Receipt @typedef {import('./outbox.js').Answer} Answer
 */

const PATHS = { report: '/api/issues/', track: '/api/tracks/' };
const MOST_RECEIPTS = 30;
const LOCK = 'wangge-send';

export class Sender {
  /** @param {string} account */
  constructor(account) {
    this.account = account;
    /** @type {Item[]} */
    this.items = [];
    /** @type {Receipt[]} */
    this.receipts = [];
    this.others = 0;
    this.known = false; // until the phone was read, nobody knows what is unsent
    this.sending = '';
    this.offline = !navigator.onLine;
    this.signedOut = false;
    this.contact = 0;
    this.failures = 0;
    this.hold = 0;
    this.busy = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {(() => void)[]} */
    this.listeners = [];
    this.channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel(LOCK) : null;
    if (this.channel) this.channel.onmessage = () => this.load();
  }

  /** Call back whenever something of it changes. @param {() => void} listener */
  onChange(listener) {
    this.listeners.push(listener);
  }

  changed() {
    for (const listener of this.listeners) listener();
  }

  /** Begin: with what is on the phone, and whenever there may be a network again. */
  async start() {
    addEventListener('online', () => this.retry());
    addEventListener('offline', () => {
      this.offline = true;
      this.changed();
    });
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.load().then(() => this.run());
    });
    const known = await get('known', [this.account, 'contact']);
    this.contact = known ? known.at : 0;
    await this.load();
    this.run();
  }

  /** Read what is on the phone. */
  async load() {
    this.items = await all('outbox', 'account', this.account);
    const receipts = /** @type {Receipt[]} */ (await all('receipts', 'account', this.account));
    receipts.sort((a, b) => b.at - a.at);
    this.receipts = receipts.slice(0, MOST_RECEIPTS);
    const old = receipts.slice(MOST_RECEIPTS);
    if (old.length) {
      await transact(['receipts'], 'readwrite', (store) => {
        for (const receipt of old) store('receipts').delete(receipt.key);
      });
    }
    const every = await transact(['outbox'], 'readonly', (store) => store('outbox').count());
    this.others = every - this.items.length;
    this.known = true;
    this.changed();
  }

  /** Something was put on the disk: show it, and send it. */
  async added() {
    await this.load();
    if (this.channel) this.channel.postMessage('added');
    await this.run();
  }

  /** Try everything that waits now. */
  async retry() {
    this.hold = 0;
    this.signedOut = false;
    this.offline = !navigator.onLine;
    await this.run(true);
  }

  /** Put a parked thing back into the queue. @param {string} id */
  async again(id) {
    await this.change(id, { state: 'waiting', tries: 0, next: 0, problem: null });
    await this.added();
  }

  /** Forget a thing for good. @param {string} id */
  async discard(id) {
    await transact(['outbox', 'photos'], 'readwrite', (store) => {
      store('outbox').delete(id);
      clear(store('photos'), 'item', id);
    });
    await this.load();
  }

  /** Send what is due. @param {boolean} [now]  Also what should still wait. */
  async run(now = false) {
    if (this.busy) return;
    this.busy = true;
    clearTimeout(this.timer);
    try {
      await alone(LOCK, (renew) => this.round(now, renew));
    } finally {
      this.busy = false;
      this.sending = '';
      await this.load();
      if (this.channel) this.channel.postMessage('sent');
      this.plan();
    }
  }

  /** @param {boolean} now @param {() => Promise<boolean>} renew */
  async round(now, renew) {
    const tried = new Set();
    while (now || Date.now() >= this.hold) {
      const items = /** @type {Item[]} */ (await all('outbox', 'account', this.account));
      const due = turn(items, now ? Infinity : Date.now()).find((item) => !tried.has(item.id));
      if (!due || !(await renew())) return;
      tried.add(due.id);
      this.items = items;
      this.sending = due.id;
      this.changed();
      if (!(await this.sent(due))) return;
    }
  }

  /** Send one thing with its photos; false where there is no sense in trying the next. @param {Item} item */
  async sent(item) {
    const photos = /** @type {Photo[]} */ (await all('photos', 'item', item.id));
    for (const photo of photos.filter((one) => !one.sent)) {
      const answer = await sendBytes(`/api/media/${photo.sha256}`, photo.bytes, photo.type);
      const result = photoVerdict(answer, photo.sha256);
      if (result !== 'delivered') return this.failed(item, result, answer);
      this.reached();
      await keep('photos', { ...photo, sent: true });
    }
    const answer = await send(`${PATHS[item.kind]}${item.id}`, item.body);
    const result = verdict(answer, item);
    if (result !== 'delivered') return this.failed(item, result, answer);
    this.reached();
    await this.delivered(item, answer.body);
    return true;
  }

  /** @param {Item} item @param {import('./outbox.js').Verdict} result @param {Answer} answer */
  async failed(item, result, answer) {
    if (result === 'offline') {
      this.offline = true;
      this.hold = Date.now() + backOff(this.failures++);
      return false;
    }
    this.reached();
    if (result === 'sign-in') {
      this.signedOut = true;
      this.hold = Infinity;
      return false;
    }
    const tries = item.tries + 1;
    if (result === 'parked') {
      await this.change(item.id, { state: 'parked', tries, problem: problemOf(answer.body) });
      return true;
    }
    if (result === 'photos') await this.unsent(item.id);
    await this.change(item.id, { tries, next: Date.now() + backOff(item.tries, answer.wait) });
    return true;
  }

  /** The server answered. */
  reached() {
    this.offline = false;
    this.signedOut = false;
    this.failures = 0;
    this.contact = Date.now();
    keep('known', { account: this.account, what: 'contact', at: this.contact }).catch(() => undefined);
  }

  /** The server has it: the copy goes, its receipt stays. @param {Item} item @param {any} receipt */
  async delivered(item, receipt) {
    const track = item.kind === 'track';
    const key = track ? `patrol:${item.body.patrol}` : item.op_id;
    await transact(['outbox', 'photos', 'receipts'], 'readwrite', (store) => {
      store('outbox').delete(item.id);
      clear(store('photos'), 'item', item.id);
      const receipts = store('receipts');
      receipts.get(key).onsuccess = (event) => {
        const before = /** @type {IDBRequest<Receipt>} */ (event.target).result;
        receipts.put({
          key,
          account: item.account,
          kind: item.kind,
          made: before ? Math.min(before.made, item.made) : item.made,
          at: Date.now(),
          seq: Number(receipt.server_seq),
          id: item.id,
          body: track ? { patrol: item.body.patrol } : item.body,
          photos: item.photos.length,
          count: (before ? before.count : 0) + (track ? item.body.fixes.length : 1),
        });
      };
    });
  }

  /** @param {string} id @param {Partial<Item>} changes */
  change(id, changes) {
    return transact(['outbox'], 'readwrite', (store) => {
      const outbox = store('outbox');
      outbox.get(id).onsuccess = (event) => {
        const item = /** @type {IDBRequest<Item | undefined>} */ (event.target).result;
        if (item) outbox.put({ ...item, ...changes });
      };
    });
  }

  /** The server has lost photos of a thing: they are to be sent again. @param {string} id */
  async unsent(id) {
    const photos = /** @type {Photo[]} */ (await all('photos', 'item', id));
    await transact(['photos'], 'readwrite', (store) => {
      for (const photo of photos) store('photos').put({ ...photo, sent: false });
    });
  }

  /** Set the clock for the next attempt. */
  plan() {
    clearTimeout(this.timer);
    const next = nextTurn(this.items);
    if (next === null || this.hold === Infinity) return;
    const pause = Math.max(1000, next - Date.now(), this.hold - Date.now());
    this.timer = setTimeout(() => this.run(), pause);
  }
}
