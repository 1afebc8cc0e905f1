// The page of one's own cell: its views, what they share, and what lets it open without a network.
import { say } from '../words.js';
import { Box } from './box.js';
import { byId, fill, notice } from './dom.js';
import { facts } from './facts.js';
import { longDay } from './figures.js';
import { Home, trouble } from './home.js';
import { WorkMap } from './map.js';
import { Mine } from './mine.js';
import { Walk } from './patrol.js';
import { Position } from './position.js';
import { ReportForm } from './report.js';
import { Sender } from './sender.js';
import { drop } from './store.js';

/** @typedef {'home' | 'report' | 'mine' | 'outbox' | 'contacts'} View */

/** @type {View[]} */
const VIEWS = ['home', 'report', 'mine', 'outbox', 'contacts'];
const CACHE = 'wangge-work';

const { wangge } = /** @type {{ wangge: import('./map.js').Drawn }} */ (/** @type {unknown} */ (globalThis));
const map = new WorkMap(wangge);
const position = new Position();
const sender = new Sender(facts.account);
const walk = new Walk(facts.account, position, sender);
const home = new Home(map, position, walk);
const mine = new Mine();
const form = new ReportForm(map, position, sender, filed);
const box = new Box(sender, correct);
/** @type {View | ''} */
let current = '';
let receipts = 0;

/** @returns {View} */
function asked() {
  const name = /** @type {View} */ (location.hash.slice(1));
  return VIEWS.includes(name) ? name : 'home';
}

/** @param {View} view */
function titleOf(view) {
  if (view === 'report') return say('Report an issue');
  if (view === 'mine') return say('My reports');
  if (view === 'outbox') return say('Outbox');
  return view === 'contacts' ? say('Contacts') : facts.name;
}

/** Show the view that the address names. */
function show() {
  const view = asked();
  if (view === current) return;
  const before = current;
  current = view;
  document.body.dataset.view = view;
  for (const name of VIEWS) byId(`view-${name}`).hidden = name !== view;
  const reporting = view === 'report';
  byId('title').textContent = titleOf(view);
  document.title = `${titleOf(view)} · ${say('Wangge')}`;
  byId('back').hidden = !reporting;
  byId('cta').hidden = reporting;
  byId('tabs').hidden = reporting;
  byId('acts').hidden = !reporting;
  byId('here').hidden = reporting;
  byId('place').hidden = !reporting;
  for (const link of document.querySelectorAll('#tabs a')) {
    if (link.getAttribute('href') === `#${view}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  if (reporting) form.enter();
  else if (before === 'report') form.leave();
  if (view === 'home' || before === 'report') map.fit();
  if (view === 'mine') mine.load();
  byId('views').scrollTop = 0;
  /** @type {HTMLDetailsElement} */ (byId('menu')).open = false;
  if (before) byId('title').focus({ preventScroll: true }); // a new page, for who listens to it
}

function filed() {
  location.replace('#outbox');
  sender.added();
  if (navigator.storage && navigator.storage.persist) navigator.storage.persist(); // not to be swept away
}

/** @param {import('./store.js').Item} item */
function correct(item) {
  location.hash = '#report';
  show();
  form.correct(item);
}

/** What has arrived may be seen elsewhere on the page. */
function arrived() {
  const last = Math.max(0, ...sender.receipts.map(({ at }) => at));
  if (sender.busy || last <= receipts) return;
  receipts = last;
  home.arrived();
  if (current === 'mine') mine.load();
}

function tools() {
  byId('locate').addEventListener('click', () => {
    if (position.fix) map.go(position.fix.spot);
    else position.start();
  });
  byId('whole').addEventListener('click', () => map.fit());
  const menu = /** @type {HTMLDetailsElement} */ (byId('menu'));
  document.addEventListener('click', (event) => {
    if (!menu.contains(/** @type {Node} */ (event.target))) menu.open = false;
  });
  menu.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    menu.open = false;
    menu.querySelector('summary')?.focus();
  });
}

/** Nothing of this account's is left to read after its sign-out; what is unsent stays. */
function leaving() {
  const leave = /** @type {HTMLFormElement} */ (byId('leave'));
  leave.addEventListener('submit', async (event) => {
    event.preventDefault();
    const known = ['issues', 'tracks'].map((what) => drop('known', [facts.account, what]));
    const pages = 'caches' in globalThis ? [caches.delete(CACHE)] : [];
    await Promise.all([...known, ...pages].map((one) => one.catch(() => undefined)));
    leave.submit();
  });
}

/** Let the phone keep the page and its files, where the browser can. */
async function install() {
  if (!('serviceWorker' in navigator)) return;
  try {
    await navigator.serviceWorker.register('/service-worker.js', { scope: '/' });
    const { active } = await navigator.serviceWorker.ready;
    const links = document.querySelectorAll('link[href], script[src]');
    const files = [...links].map((link) => link.getAttribute('href') || link.getAttribute('src') || '');
    if (active) active.postMessage({ keep: files.filter((file) => file.startsWith('/')) });
  } catch {
    // a certificate that the phone does not trust, as a rule: the page works while it is open
  }
}

function start() {
  byId('today').textContent = longDay(Date.now());
  tools();
  leaving();
  sender.onChange(arrived);
  position.onChange(() => position.blocked && fill(byId('pin-troubles'), trouble(position)));
  addEventListener('hashchange', show);
  show();
  const ready = [form.load().then(() => current === 'report' && form.enter()), sender.start()];
  Promise.all(ready).catch(() => {
    const words = say(
      'This browser keeps nothing on the phone, as in a private window: what you write is lost when the page is closed.',
    );
    fill(byId('keeps'), notice('bad', 'alert', words));
    box.keepsNothing();
  });
  walk.begin();
  position.start();
  home.arrived();
  install();
}

start();
