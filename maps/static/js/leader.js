// The leader's page: one question shown at a time, in the map, the legend, the sentence and the table.
import { background } from './background.js';
import { all, panels, tools } from './desk.js';
import { finder } from './find.js';
import { GroundNames } from './ground.js';
import { Live } from './live.js';
import { GridMap } from './map.js';
import { morph } from './morph.js';
import { period } from './period.js';
import { sortable, sortedLike } from './table.js';
import { waiting } from './waiting.js';

/** @typedef {import('./map.js').Facts} Facts */
/** @typedef {import('./map.js').Drawn} Drawn */

let facts = factsOf(document);
const drawn = /** @type {{ wangge?: Drawn }} */ (globalThis).wangge;
const LOCAL = location.protocol === 'file:';

/** Where the page is one column, and a long list would bury what comes after it. */
const PHONE = '(max-width: 760px)';
/** Parts of the page that a newer copy of it brings up to date. */
const FRESH = ['.asks', '.stage .legend', '.card', '.figures [data-panel]'];
const ISSUE = '#issue-';

/** @param {Document} page @returns {Facts} */
function factsOf(page) {
  return JSON.parse(page.getElementById('facts')?.textContent || '{"cells":[]}');
}

/** Carry the question along in every link that keeps the view, and what only the address holds. @param {string} ask */
function keep(ask) {
  const here = new URLSearchParams(location.search);
  for (const anchor of /** @type {HTMLAnchorElement[]} */ (all('a[data-keep]'))) {
    const url = new URL(anchor.href);
    const next = url.searchParams.get('next');
    if (next === null) {
      url.searchParams.set('ask', ask);
      for (const name of ['at', 'lang']) {
        const value = here.get(name);
        if (value) url.searchParams.set(name, value);
      }
    } else {
      const there = new URL(next, location.href);
      there.searchParams.set('ask', ask);
      there.searchParams.delete('lang');
      url.searchParams.set('next', there.pathname + there.search);
    }
    anchor.href = url.href;
  }
  for (const input of all('input[name="ask"]')) /** @type {HTMLInputElement} */ (input).value = ask;
}

/**
 * Overlays: a box switches a class of the map; the choice lasts as long as the tab. Where the
 * issues are what is asked for, they are shown whatever their box says.
 * @param {GridMap | null} map @returns {(ask: string) => void}  To be told of another question.
 */
function switches(map) {
  const stage = document.querySelector('.map');
  const boxes = /** @type {HTMLInputElement[]} */ (all('[data-overlay]'));
  /** @param {HTMLInputElement} box */
  const apply = (box) => {
    if (stage) stage.classList.toggle(`without-${box.value}`, !box.checked);
    if (map && box.value === 'names' && box.checked) map.thinNames();
  };
  for (const box of boxes) {
    const kept = choice(box.value);
    if (kept) box.checked = kept === 'on';
    apply(box);
    box.addEventListener('change', () => {
      choice(box.value, box.checked ? 'on' : 'off');
      apply(box);
    });
  }
  const issues = boxes.find((box) => box.value === 'issues');
  return (ask) => {
    if (!issues) return;
    issues.disabled = ask === 'issues';
    issues.checked = ask === 'issues' || choice('issues') === 'on';
    apply(issues);
  };
}

/** A choice kept for this tab; a page opened from disk may have no memory. @param {string} name @param {string} [value] */
function choice(name, value) {
  try {
    if (value) sessionStorage.setItem(`show-${name}`, value);
    return sessionStorage.getItem(`show-${name}`);
  } catch {
    return null;
  }
}

/** @returns {HTMLElement | null} */
function legend() {
  return document.querySelector('.legend:not([hidden])');
}

/** A row shows its place on the map; a place leads to its row. @param {GridMap} map */
function rows(map) {
  const still = () =>
    map.choose((cell) => (facts.chosen ? cell.code === facts.chosen : facts.drilled && cell.inside));
  const figures = /** @type {HTMLElement} */ (document.getElementById('figures'));
  let lit = '';
  /** @param {Event} event */
  const light = (event) => {
    const row = /** @type {Element} */ (event.target).closest('[data-cell]');
    const code = (row && row.getAttribute('data-cell')) || '';
    if (code === lit) return;
    lit = code;
    if (code) map.choose((cell) => cell.row === code || cell.code === code);
    else still();
  };
  const off = () => {
    if (lit) still();
    lit = '';
  };
  figures.addEventListener('mouseover', light);
  figures.addEventListener('focusin', light);
  figures.addEventListener('mouseleave', off);
  figures.addEventListener('focusout', off);
  map.onPress((cell) => {
    const code = cell.inside ? cell.row : '';
    const link = /** @type {HTMLAnchorElement | null} */ (
      [...all('tr[data-cell] a')].find((a) => a.closest('tr')?.getAttribute('data-cell') === code)
    );
    if (link) {
      link.click();
      return;
    }
    map.choose((other) => other.row === code && code !== '');
    for (const row of all('tr[data-cell]')) {
      row.classList.toggle('chosen', row.getAttribute('data-cell') === code);
    }
  });
  still();
}

/** What is named one by one leads to its place on the map, and an issue opens there. @param {GridMap} map */
function spots(map) {
  /** @param {Element} spot */
  const go = (spot) => {
    const [lat, lon] = (spot.getAttribute('data-spot') || '').split(',').map(Number);
    map.goTo([lat, lon]);
    const issue = spot.getAttribute('data-pin');
    if (issue) map.open(issue, [lat, lon]);
    if (matchMedia(PHONE).matches) map.map.getContainer().scrollIntoView({ block: 'center' });
  };
  document.addEventListener('click', (event) => {
    const spot = /** @type {Element} */ (event.target).closest('[data-spot]');
    if (!spot || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(spot);
    const issue = spot.getAttribute('data-pin');
    if (issue && !LOCAL) history.replaceState(null, '', ISSUE + issue);
  });
  if (!location.hash.startsWith(ISSUE)) return;
  const wanted = location.hash.slice(ISSUE.length);
  const asked = all('[data-pin]').find((link) => link.getAttribute('data-pin') === wanted);
  if (asked) go(asked);
  else map.open(wanted);
}

/** Bring the page up to a newer copy of itself; null if it is of other cells. @param {Document} page @param {GridMap} map */
function refresh(page, map) {
  const newer = factsOf(page);
  /** @param {Facts} of */
  const codes = (of) => JSON.stringify([of.cells, of.rows].map((list) => list.map(({ code }) => code)));
  if (codes(newer) !== codes(facts)) return null;
  for (const selector of FRESH) {
    const next = all(selector, page);
    all(selector).forEach((old, i) => {
      if (!next[i]) return;
      const tables = /** @type {HTMLTableElement[]} */ (all('table', next[i]));
      /** @type {HTMLTableElement[]} */ (all('table', old)).forEach((table, j) => {
        if (tables[j]) sortedLike(tables[j], table);
      });
      morph(old, next[i]);
    });
  }
  facts = newer;
  map.update(newer);
  return newer;
}

function start() {
  const map = drawn && facts.cells.length ? new GridMap(drawn, facts) : null;
  const boxes = switches(map);
  let current = '';
  /** @param {string} ask */
  const show = (ask) => {
    if (!(ask in facts.asks) || ask === current) return;
    current = ask;
    panels(ask);
    keep(ask);
    boxes(ask);
    if (map) map.show(ask);
  };
  /** A press on a question, or on a figure that it explains. @param {MouseEvent} event */
  const choose = (event) => {
    const link = /** @type {Element} */ (event.target).closest('a[data-ask], a[data-go]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(link.getAttribute('data-ask') || link.getAttribute('data-go') || '');
    const url = new URL(location.href);
    url.searchParams.set('ask', current);
    url.hash = '';
    if (!LOCAL) history.replaceState(null, '', url);
    if (!link.hasAttribute('data-go')) return;
    const answer = /** @type {HTMLElement | null} */ (
      document.querySelector('.figures [data-panel]:not([hidden]) .answer')
    );
    if (answer) answer.scrollIntoView();
  };
  document.addEventListener('click', choose);
  if (facts.cells.length) show(facts.ask);
  for (const table of all('table')) sortable(/** @type {HTMLTableElement} */ (table));
  if (matchMedia(PHONE).matches) all('details').forEach((list) => list.removeAttribute('open'));
  const form = /** @type {HTMLFormElement | null} */ (document.querySelector('form[action="/map"]'));
  if (form) period(form);
  const busy = /** @type {HTMLElement | null} */ (document.querySelector('.busy'));
  if (busy) waiting(busy, /** @type {HTMLElement} */ (document.querySelector('main')));
  if (!map) return;
  tools(map.map, () => map.fit(legend()));
  rows(map);
  new GroundNames(map.map, facts.ground);
  background(map.map, facts.background, document.querySelector('[data-overlay][value="background"]'));
  const find = /** @type {HTMLFormElement | null} */ (document.querySelector('form[data-find]'));
  if (find) finder(find, map.map);
  map.fit(legend());
  spots(map);
  const container = map.map.getContainer();
  let width = container.offsetWidth;
  new ResizeObserver(() => {
    // A phone's address bar comes and goes; only another width is another page.
    if (container.offsetWidth !== width) map.fit(legend());
    width = container.offsetWidth;
  }).observe(container);
  matchMedia('print').addEventListener('change', () => map.fit(legend()));
  const line = /** @type {HTMLElement | null} */ (document.querySelector('.live'));
  if (!facts.live || !line) return;
  new Live(facts.live, line, (page) => {
    const newer = refresh(page, map);
    keep(current);
    return newer;
  });
}

start();
