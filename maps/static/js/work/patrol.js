// Today's patrol: recorded only while it is declared, on the disk as it comes, sent in batches.
import { hold } from './alone.js';
import { uuid } from './ids.js';
import { all, clear, get, transact } from './store.js';
import { elapsed, recovered, wanted } from './walk.js';

/**
 * @typedef {import('./walk.js').Patrol} Patrol @typedef {import('./walk.js').Step} Step
 * @typedef {import('./position.js').Position} Position @typedef {import('./sender.js').Sender} Sender
 */

const BATCH = 30;
const BATCH_MS = 60_000;
const BEAT_MS = 15_000;
/** Somebody who stands still moves no receiver; the server would take the silence for a gap. */
const SILENT_MS = 30_000;
/** Where the phone was a moment ago, the walk begins. */
const FRESH_MS = 10_000;

export class Walk {
  /** @param {string} account @param {Position} position @param {Sender} sender */
  constructor(account, position, sender) {
    this.account = account;
    this.position = position;
    this.sender = sender;
    /** @type {Patrol | null} */
    this.patrol = null;
    /** @type {Step[]} */
    this.steps = [];
    this.fault = '';
    this.ours = false; // another tab may be recording
    this.batchedAt = 0;
    /** @type {Promise<unknown>} */
    this.queue = Promise.resolve();
    /** @type {(() => void)[]} */
    this.listeners = [];
    position.onChange(() => this.moved());
    setInterval(() => this.beat(), BEAT_MS);
    document.addEventListener('visibilitychange', () => this.running && this.flush());
  }

  /** @param {() => void} listener */
  onChange(listener) {
    this.listeners.push(listener);
  }

  changed() {
    for (const listener of this.listeners) listener();
  }

  get running() {
    return this.patrol !== null && this.patrol.state === 'running';
  }

  get seconds() {
    return this.patrol ? elapsed(this.patrol.spans, Date.now()) : 0;
  }

  /** Go on with what was going on when the page was closed, once no other tab does. */
  begin() {
    hold(`wangge-walk-${this.account}`, async () => {
      await this.load();
      this.ours = true;
      this.changed();
    });
  }

  async load() {
    const kept = /** @type {Patrol | undefined} */ (await get('patrols', this.account));
    if (!kept) return;
    this.steps = await all('fixes', 'patrol', kept.id);
    this.patrol = recovered(kept, Date.now());
    if (this.patrol !== kept) await this.keep();
    if (this.patrol.state !== 'running') await this.flush();
  }

  /** @returns {Promise<void>} */
  async start() {
    const now = Date.now();
    const before = this.patrol;
    if (before && before.state !== 'ended') return;
    this.patrol = {
      account: this.account,
      id: uuid(now),
      state: 'running',
      spans: [[now, null]],
      seq: 0,
      batched: 0,
      seen: now,
    };
    this.steps = [];
    this.batchedAt = now;
    await this.keep(before);
    this.moved();
    this.position.ask();
  }

  async pause() {
    await this.close('paused');
  }

  async end() {
    await this.close('ended');
  }

  async resume() {
    const { patrol } = this;
    if (!patrol || patrol.state !== 'paused') return;
    const now = Date.now();
    patrol.state = 'running';
    patrol.spans.push([now, null]);
    patrol.seen = now;
    patrol.cut = null;
    this.batchedAt = now;
    await this.keep();
    this.moved();
    this.position.ask();
  }

  /** @param {'paused' | 'ended'} state */
  async close(state) {
    const { patrol } = this;
    if (!patrol || patrol.state === 'ended') return;
    const last = patrol.spans[patrol.spans.length - 1];
    if (last[1] === null) last[1] = Date.now();
    patrol.state = state;
    patrol.cut = null;
    await this.keep();
    await this.flush();
  }

  /** Take the present position, if the patrol runs and it says anything new. */
  moved() {
    const { patrol } = this;
    const { fix } = this.position;
    if (!patrol || !this.running || !fix) return;
    const span = patrol.spans.length - 1;
    const begun = patrol.spans[span][0];
    if (fix.at < begun - FRESH_MS) return;
    const step = {
      patrol: patrol.id,
      seq: patrol.seq,
      t: Math.max(fix.at, begun) / 1000,
      lon: fix.spot[0],
      lat: fix.spot[1],
      accuracy: fix.accuracy,
      span,
    };
    if (!wanted(this.steps[this.steps.length - 1] || null, step)) return;
    this.steps.push(step);
    patrol.seq += 1;
    patrol.seen = Date.now();
    this.write(patrol, step);
    const waiting = patrol.seq - patrol.batched;
    if (waiting >= BATCH || Date.now() - this.batchedAt >= BATCH_MS) this.flush();
    this.changed();
  }

  beat() {
    const { patrol } = this;
    if (!patrol || !this.running) return;
    patrol.seen = Date.now();
    this.write(patrol, null);
    const { fix } = this.position;
    if (!fix || Date.now() - fix.at >= SILENT_MS) this.position.ask();
    if (Date.now() - this.batchedAt >= BATCH_MS) this.flush();
  }

  /** Keep the patrol as it stands; of another one, forget the fixes. @param {Patrol | null} [before] */
  async keep(before = null) {
    const { patrol } = this;
    if (!patrol) return;
    await this.guarded(() =>
      transact(['patrols', 'fixes'], 'readwrite', (store) => {
        store('patrols').put(patrol);
        if (before) clear(store('fixes'), 'patrol', before.id);
      }),
    );
    this.changed();
  }

  /** @param {Patrol} patrol @param {Step | null} step */
  write(patrol, step) {
    const copy = { ...patrol };
    this.guarded(() =>
      transact(['patrols', 'fixes'], 'readwrite', (store) => {
        store('patrols').put(copy);
        if (step) store('fixes').put(step);
      }),
    );
  }

  /** Make a batch of what none has yet, in the same transaction that marks it so. */
  async flush() {
    const { patrol } = this;
    if (!patrol) return;
    this.batchedAt = Date.now();
    const made = await this.guarded(async () => {
      const steps = this.steps.filter((step) => step.seq >= patrol.batched && step.seq < patrol.seq);
      if (!steps.length) return false;
      const item = batch(this.account, patrol.id, steps);
      const batched = steps[steps.length - 1].seq + 1;
      await transact(['outbox', 'patrols'], 'readwrite', (store) => {
        store('outbox').put(item);
        store('patrols').put({ ...patrol, batched });
      });
      patrol.batched = batched;
      return true;
    });
    if (made) await this.sender.added();
  }

  /** One write after the other; what the disk refuses is said, and the walk goes on. @template T @param {() => Promise<T>} write @returns {Promise<T | undefined>} */
  guarded(write) {
    const done = this.queue.then(write).then(
      (result) => {
        this.fault = '';
        return result;
      },
      (error) => {
        this.fault = String((error && error.message) || error);
        this.changed();
        return undefined;
      },
    );
    this.queue = done;
    return done;
  }
}

/** @param {string} account @param {string} patrol @param {Step[]} steps @returns {import('./store.js').Item} */
function batch(account, patrol, steps) {
  const op = uuid();
  const fixes = steps.map(({ seq, t, lon, lat, accuracy }) => [
    seq,
    Math.round(t * 1000) / 1000,
    Math.round(lon * 1e7) / 1e7,
    Math.round(lat * 1e7) / 1e7,
    Math.round(accuracy * 10) / 10,
  ]);
  return {
    id: uuid(),
    account,
    kind: 'track',
    op_id: op,
    made: steps[0].t * 1000,
    body: { op_id: op, patrol, datum: 'wgs84', fixes },
    photos: [],
    bytes: 0,
    state: 'waiting',
    tries: 0,
    next: 0,
  };
}
