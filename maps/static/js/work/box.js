// The outbox: what waits for a network, what needs somebody, what has arrived. It never says more than is true.
import { say } from '../words.js';
import { byId, el, fill, icon, notice } from './dom.js';
import { clock, count, moment, size } from './figures.js';
import { facts } from './facts.js';
import { all } from './store.js';

/**
 * @typedef {import('./sender.js').Sender} Sender @typedef {import('./store.js').Item} Item
 * @typedef {import('./store.js').Receipt} Receipt @typedef {{ item: Item, items: Item[] }} Thing
 */

/** What people count: reports one by one, a patrol's batches together. @param {Item[]} items @returns {Thing[]} */
export function things(items) {
  /** @type {Map<string, Thing>} */
  const found = new Map();
  for (const item of [...items].sort((a, b) => a.made - b.made)) {
    const key = item.kind === 'track' ? `${item.body.patrol} ${item.state}` : item.id;
    const thing = found.get(key);
    if (thing) thing.items.push(item);
    else found.set(key, { item, items: [item] });
  }
  return [...found.values()];
}

export class Box {
  /** @param {Sender} sender @param {(item: Item) => void} correct */
  constructor(sender, correct) {
    this.sender = sender;
    this.correct = correct;
    this.doubtful = ''; // the item that is about to be discarded
    sender.onChange(() => this.show());
  }

  show() {
    const { sender } = this;
    if (!sender.known) return;
    const waiting = things(sender.items.filter((item) => item.state === 'waiting'));
    const parked = things(sender.items.filter((item) => item.state === 'parked'));
    this.pill(waiting.length, parked.length);
    fill(byId('box-state'), ...this.states(waiting.length));
    const held = document.activeElement && document.activeElement.getAttribute('data-act');
    fill(byId('box'), this.parked(parked), this.waiting(waiting), this.delivered(sender.receipts));
    if (held) {
      const same = document.querySelector(`[data-act="${CSS.escape(held)}"]`);
      if (same instanceof HTMLElement) same.focus();
    }
  }

  /** The browser lets us keep nothing: there is nothing to count. */
  keepsNothing() {
    this.says('bad', 'alert', say('Keeps nothing'));
  }

  /** The line on every page: what this phone still holds. @param {number} waiting @param {number} parked */
  pill(waiting, parked) {
    const { sender } = this;
    const n = waiting + parked;
    let [kind, sign, words] = ['', 'check', say('All sent')];
    if (parked) [kind, sign, words] = ['bad', 'alert', say('Needs you: {n}', { n: parked })];
    else if (sender.signedOut) [kind, sign, words] = ['off', 'key', say('Sign in · {n} to send', { n })];
    else if (sender.offline)
      [kind, sign, words] = ['off', 'offline', n ? say('Offline · {n} to send', { n }) : say('Offline')];
    else if (waiting)
      [kind, sign, words] = ['off', sender.sending ? 'send' : 'clock', say('{n} to send', { n })];
    this.says(kind, sign, words);
    byId('badge').hidden = n === 0;
    byId('badge').textContent = n ? count(n) : '';
    const left = byId('left-behind');
    left.hidden = n === 0;
    left.textContent = n
      ? say('Not yet delivered: {n}. It stays on this phone until you sign in here again.', { n })
      : '';
  }

  /** @param {string} kind @param {string} sign @param {string} words */
  says(kind, sign, words) {
    const pill = byId('pill');
    if (pill.getAttribute('data-says') === words + sign) return;
    pill.className = `pill ${kind}`;
    pill.setAttribute('data-says', words + sign);
    fill(pill, icon(sign), el('span', {}, words));
  }

  /** @param {number} waiting @returns {(HTMLElement | null)[]} */
  states(waiting) {
    const { sender } = this;
    const others = sender.others
      ? el(
          'p',
          { class: 'note inset' },
          icon('person'),
          el(
            'span',
            {},
            say(
              'Another account has something unsent on this phone: {n}. It is sent when that account signs in here.',
              { n: sender.others },
            ),
          ),
        )
      : null;
    if (sender.signedOut) {
      const way = el('a', { class: 'btn', href: '/login?next=/work%23outbox' }, icon('key'), say('Sign in'));
      return [
        notice(
          'warn',
          'key',
          el(
            'p',
            {},
            say(
              'You are signed out, or somebody else signed in. Everything stays on this phone and is sent once you, {account}, sign in.',
              { account: facts.account },
            ),
          ),
          way,
        ),
        others,
      ];
    }
    if (sender.offline) {
      const words = say(
        'No network. Carry on: everything is kept on this phone and sent once there is a network, also after a restart.',
      );
      return [
        notice(
          'warn',
          'offline',
          el('p', {}, words),
          sender.contact && waiting
            ? el(
                'p',
                { class: 'quiet' },
                say('Last answer of the server: {time}', { time: moment(sender.contact) }),
              )
            : null,
        ),
        others,
      ];
    }
    return [others];
  }

  /** @param {Thing[]} found */
  parked(found) {
    if (!found.length) return null;
    return el(
      'section',
      {},
      head(say('Needs you'), say('The others go on without it')),
      el('ul', { class: 'lines' }, ...found.map((thing) => this.parkedLine(thing))),
    );
  }

  /** @param {Thing} thing */
  parkedLine({ item, items }) {
    const problem = item.problem || { title: '', detail: '', errors: [] };
    const report = item.kind === 'report';
    const act = (
      /** @type {string} */ name,
      /** @type {string} */ sign,
      /** @type {string} */ words,
      /** @type {() => void} */ done,
    ) =>
      el(
        'button',
        { type: 'button', class: 'btn', 'data-act': `${name} ${item.id}`, onclick: done },
        icon(sign),
        words,
      );
    const doubt = this.doubtful === item.id;
    return el(
      'li',
      { class: 'thing', 'data-item': item.id },
      icon('alert'),
      el('span', {}, el('b', {}, title(item)), el('small', {}, about(item, items))),
      chip('bad', 'alert', say('Needs you')),
      el(
        'div',
        { class: 'says' },
        el('p', {}, say('The server says:'), ' ', problem.title, ' ', problem.detail),
        ...problem.errors.map((error) =>
          el('p', { class: 'quiet' }, error.message === problem.title ? null : error.message),
        ),
        doubt ? el('p', {}, say('Discard it for good? Nobody will get it.')) : null,
        el(
          'div',
          { class: 'acts' },
          ...(doubt
            ? [
                act('keep', 'back', say('Keep it'), () => this.doubt('')),
                act('discard', 'close', say('Discard for good'), () => this.discard(items)),
              ]
            : [
                report ? act('correct', 'note', say('Look and correct'), () => this.correct(item)) : null,
                act('again', 'again', say('Send again'), () => this.again(items)),
                act('copy', 'outbox', say('Save a copy'), () => copy(item, items)),
                act('doubt', 'close', say('Discard'), () => this.doubt(item.id)),
              ]),
        ),
      ),
    );
  }

  /** @param {Thing[]} found */
  waiting(found) {
    if (!found.length) return null;
    const { sender } = this;
    const lines = found.map(({ item, items }) => {
      const moving = items.some(({ id }) => id === sender.sending);
      return el(
        'li',
        { class: 'thing', 'data-item': item.id },
        icon(item.kind === 'track' ? 'walk' : 'camera'),
        el('span', {}, el('b', {}, title(item)), el('small', {}, about(item, items))),
        moving ? chip('', 'send', say('Sending')) : chip('warn', 'clock', this.why(item)),
      );
    });
    const retry = el(
      'button',
      { type: 'button', class: 'btn wide', 'data-act': 'retry', onclick: () => sender.retry() },
      icon('again'),
      say('Try now'),
    );
    return el(
      'section',
      {},
      head(say('Not yet delivered: {n}', { n: found.length }), ''),
      el('ul', { class: 'lines' }, ...lines),
      el('p', { class: 'inset' }, retry),
    );
  }

  /** @param {Item} item */
  why(item) {
    if (this.sender.signedOut) return say('Waiting for you to sign in');
    if (item.tries && !this.sender.offline)
      return say('The server is busy; once more at {time}', { time: clock(item.next) });
    return say('Waiting for network');
  }

  /** @param {Receipt[]} receipts */
  delivered(receipts) {
    if (!receipts.length && this.sender.items.length) return null;
    if (!receipts.length) {
      return el(
        'div',
        { class: 'empty' },
        icon('outbox'),
        el('h2', {}, say('Nothing is waiting.')),
        el(
          'p',
          {},
          say('What you report is kept here until the server has it; its receipt then stands here.'),
        ),
      );
    }
    return el(
      'section',
      {},
      head(say('Delivered'), say('Receipt here, copy removed')),
      el(
        'ul',
        { class: 'lines' },
        ...receipts.map((receipt) =>
          el(
            'li',
            { class: 'thing done', 'data-receipt': String(receipt.seq) },
            el('span', { class: 'tick' }, icon('check')),
            el(
              'span',
              {},
              el('b', {}, title(receipt)),
              el(
                'small',
                { class: 'num' },
                say('Receipt no. {seq}', { seq: count(receipt.seq) }),
                receipt.kind === 'track' ? ' · ' : null,
                receipt.kind === 'track' ? say('{n} fixes', { n: count(receipt.count) }) : null,
              ),
            ),
            el('span', { class: 'end num' }, moment(receipt.at)),
          ),
        ),
      ),
    );
  }

  /** @param {string} id */
  doubt(id) {
    this.doubtful = id;
    this.show();
  }

  /** @param {Item[]} items */
  async discard(items) {
    this.doubtful = '';
    for (const { id } of items) await this.sender.discard(id);
  }

  /** @param {Item[]} items */
  async again(items) {
    for (const { id } of items) await this.sender.again(id);
  }
}

/** @param {{ kind: string, body: Record<string, any> }} item */
function title({ kind, body }) {
  if (kind === 'track') return say('Patrol track');
  const what = facts.categories[body.category] || body.category;
  const text = String(body.text || '').slice(0, 24);
  const named = text ? `${what} · ${text}` : what;
  return body.self_handled ? say('{what} (settled on the spot)', { what: named }) : named;
}

/** @param {Item} item @param {Item[]} items */
function about(item, items) {
  if (item.kind === 'track') {
    const n = items.reduce((sum, { body }) => sum + body.fixes.length, 0);
    const fixes = items[items.length - 1].body.fixes;
    const last = fixes[fixes.length - 1][1] * 1000;
    return say('{from}–{to} · {n} fixes', { from: clock(item.made), to: clock(last), n: count(n) });
  }
  const at = moment(item.made);
  if (!item.photos.length) return say('Kept {at}', { at });
  return say('Kept {at} · photos: {n} · {size}', { at, n: item.photos.length, size: size(item.bytes) });
}

/** @param {string} words @param {string} beside */
function head(words, beside) {
  return el(
    'h2',
    { class: 'list-head' },
    el('span', {}, words),
    beside ? el('span', { class: 'quiet' }, beside) : null,
  );
}

/** @param {string} kind @param {string} sign @param {string} words */
function chip(kind, sign, words) {
  return el('span', { class: `chip ${kind}` }, icon(sign), words);
}

/** Give what the server refuses to the person as a file, with its photos. @param {Item} item @param {Item[]} items */
async function copy(item, items) {
  const photos = (await all('photos', 'item', item.id)).map(({ sha256, bytes, type }) => ({
    sha256,
    type,
    base64: btoa([...new Uint8Array(bytes)].map((byte) => String.fromCharCode(byte)).join('')),
  }));
  const content = JSON.stringify({ kind: item.kind, bodies: items.map(({ body }) => body), photos }, null, 1);
  const address = URL.createObjectURL(new Blob([content], { type: 'application/json' }));
  el('a', { href: address, download: `wangge-${item.id}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
