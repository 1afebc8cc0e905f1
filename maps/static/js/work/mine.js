// My reports: where each is now, and what became of it.
import { say } from '../words.js';
import { byId, el, fill, icon, notice, put, shape } from './dom.js';
import { moment } from './figures.js';
import { facts } from './facts.js';
import { read } from './server.js';
import { get, keep } from './store.js';

/**
 * @typedef {{ id: string, category: string, severity: string, text: string, reported_at: string,
 *   cell_name: string | null, owner_name: string | null, holders: string[], status: string,
 *   due: string | null, media: string[], ledger?: { at: string, said: string, text?: string }[] }} Issue
 * @typedef {{ id?: string, properties: Issue }} Feature
 */

const PAGE = 30;
const ENDED = ['closed', 'rejected'];

export class Mine {
  constructor() {
    /** @type {Feature[]} */
    this.features = [];
    /** @type {string | null} */
    this.next = null;
    /** @type {Set<string>} */
    this.open = new Set();
    byId('more').addEventListener('click', () => this.more());
  }

  /** Ask the server; show what was known last where it does not answer. */
  async load() {
    if (!this.features.length) fill(byId('mine-state'), bones());
    const answer = await read(`/api/issues?mine=true&limit=${PAGE}`);
    if (answer.status === 200 && answer.body && Array.isArray(answer.body.items)) {
      const { items, next } = answer.body;
      const known = { account: facts.account, what: 'issues', at: Date.now(), items, next };
      await keep('known', known).catch(() => undefined);
      this.show(known, null);
      return;
    }
    const known = await get('known', [facts.account, 'issues']).catch(() => undefined);
    this.show(known || null, answer);
  }

  async more() {
    const answer = await read(`/api/issues?mine=true&limit=${PAGE}&after=${this.next}`);
    if (answer.status !== 200 || !answer.body) {
      fill(
        byId('mine-state'),
        failed(answer, null, () => this.more()),
      );
      return;
    }
    this.features.push(...answer.body.items);
    this.next = answer.body.next;
    this.list();
  }

  /** @param {{ at: number, items: Feature[], next: string | null } | null} known @param {import('./outbox.js').Answer | null} fault */
  show(known, fault) {
    this.features = known ? known.items : [];
    this.next = known && !fault ? known.next : null;
    let state = null;
    if (fault) state = failed(fault, known ? known.at : null, () => this.load());
    else if (!this.features.length) state = none();
    fill(byId('mine-state'), state);
    this.list();
  }

  list() {
    fill(byId('mine'), ...this.features.map((feature) => this.line(feature.properties)));
    byId('more').hidden = !this.next;
  }

  /** @param {Issue} issue */
  line(issue) {
    const state = stateOf(issue);
    const body = el('div', { class: 'more' });
    const details = el(
      'details',
      { 'data-issue': issue.id },
      el(
        'summary',
        {},
        shape(state),
        el(
          'span',
          { class: 'what' },
          el(
            'b',
            {},
            `${facts.categories[issue.category] || issue.category} · ${facts.states[state] || state}`,
          ),
          issue.text ? el('span', { class: 'words' }, issue.text) : null,
          el('small', {}, whereNow(issue)),
          el('small', { class: state === 'overdue' ? 'late' : '' }, dueWords(issue)),
        ),
        icon('down'),
      ),
      body,
    );
    details.addEventListener('toggle', () => {
      if (details.open) this.open.add(issue.id);
      else this.open.delete(issue.id);
      if (details.open && !body.hasChildNodes()) this.tell(issue, body);
    });
    details.open = this.open.has(issue.id);
    return el('li', {}, details);
  }

  /** What became of it: the sentences of its ledger. @param {Issue} issue @param {HTMLElement} body */
  async tell(issue, body) {
    put(body, bones());
    const answer = await read(`/api/issues/${issue.id}`);
    const told = answer.status === 200 && answer.body ? answer.body.properties : null;
    const photos = (told || issue).media || [];
    fill(
      body,
      told
        ? ledger(told)
        : failed(answer, null, () => {
            fill(body);
            this.tell(issue, body);
          }),
      photos.length ? el('ul', { class: 'shots' }, ...photos.map(thumbnail)) : null,
    );
  }
}

/** @param {Issue} issue */
function stateOf(issue) {
  const late = issue.due && !ENDED.includes(issue.status) && Date.parse(issue.due) < Date.now();
  return late ? 'overdue' : issue.status;
}

/** @param {Issue} issue */
function whereNow(issue) {
  const at = moment(Date.parse(issue.reported_at));
  if (ENDED.includes(issue.status)) return say('Reported {at}', { at });
  if (!issue.owner_name) return say('Reported {at} · now with the grid centre', { at });
  const names = issue.holders.join(say(', '));
  return names
    ? say('Reported {at} · now with {cell}: {names}', { at, cell: issue.owner_name, names })
    : say('Reported {at} · now with {cell}', { at, cell: issue.owner_name });
}

/** @param {Issue} issue */
function dueWords(issue) {
  if (!issue.due || ENDED.includes(issue.status)) return null;
  const due = moment(Date.parse(issue.due));
  return stateOf(issue) === 'overdue' ? say('Overdue since {due}', { due }) : say('Due {due}', { due });
}

/** @param {Issue} issue */
function ledger(issue) {
  return el(
    'ol',
    { class: 'ledger' },
    ...(issue.ledger || []).map(({ at, said, text }) =>
      el(
        'li',
        {},
        el('span', {}, said, text ? ` ${text}` : null),
        el('time', { datetime: at }, moment(Date.parse(at))),
      ),
    ),
  );
}

/** @param {string} name */
function thumbnail(name) {
  const image = el('img', {
    src: `/api/media/${name}?size=thumbnail`,
    alt: say('Photo of the report'),
    loading: 'lazy',
  });
  const link = el('a', { href: `/api/media/${name}`, target: '_blank', rel: 'noopener' }, image);
  image.addEventListener('error', () =>
    fill(link, el('span', { class: 'tile quiet' }, icon('camera'), say('Photo, not on this phone'))),
  );
  return el('li', {}, link);
}

function none() {
  return el(
    'div',
    { class: 'empty' },
    icon('note'),
    el('h2', {}, say('You have not reported anything yet.')),
    el('p', {}, say('What you report stands here, with who has it now and what became of it.')),
    el('a', { class: 'btn', href: '#report' }, icon('camera'), say('Report an issue')),
  );
}

function bones() {
  const bone = () => el('div', { class: 'bone' });
  return el(
    'div',
    { class: 'bones', role: 'status', 'aria-label': say('Looking …') },
    bone(),
    bone(),
    bone(),
  );
}

/** What failed, what still works, and one button. @param {import('./outbox.js').Answer} answer @param {number | null} at @param {() => void} again */
function failed(answer, at, again) {
  const retry = el(
    'button',
    { type: 'button', class: 'btn', onclick: again },
    icon('again'),
    say('Try again'),
  );
  const known = at ? el('p', {}, say('Shown as it was at {time}.', { time: moment(at) })) : null;
  if (answer.status === 0) return notice('warn', 'offline', el('b', {}, say('No network.')), known, retry);
  if (answer.status === 401) {
    const way = el('a', { class: 'btn', href: '/login?next=/work' }, icon('key'), say('Sign in'));
    return notice('warn', 'key', el('b', {}, say('You are signed out.')), known, way);
  }
  const words =
    answer.body && answer.body.title
      ? String(answer.body.title)
      : say('The server does not answer as it should.');
  return notice('bad', 'alert', el('b', {}, words), known, retry);
}
