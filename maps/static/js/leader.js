// The leader's page: one question shown at a time, in the map, the legend, the sentence and the table.
import { GridMap } from './map.js';
import { sortable } from './table.js';

/** @typedef {import('./map.js').Facts} Facts */
/** @typedef {import('./map.js').Drawn} Drawn */

const facts = /** @type {Facts} */ (JSON.parse(text('facts')));
const drawn = /** @type {{ wangge?: Drawn }} */ (globalThis).wangge;

/** Where the page is one column, and a long list would bury what comes after it. */
const PHONE = '(max-width: 760px)';

/** @param {string} id */
function text(id) {
  const element = document.getElementById(id);
  return (element && element.textContent) || '{}';
}

/** @template {Element} T @param {string} selector @returns {T[]} */
function all(selector) {
  return /** @type {T[]} */ ([...document.querySelectorAll(selector)]);
}

/** Carry the question along in every link that keeps the view, and what only the address holds. @param {string} ask */
function keep(ask) {
  const here = new URLSearchParams(location.search);
  for (const link of all('a[data-keep]')) {
    const anchor = /** @type {HTMLAnchorElement} */ (link);
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

/** Show one question's panels and mark its link. @param {string} ask */
function panels(ask) {
  for (const panel of all('[data-panel]')) {
    /** @type {HTMLElement} */ (panel).hidden = panel.getAttribute('data-panel') !== ask;
  }
  for (const link of all('[data-ask]')) {
    link.setAttribute('aria-current', String(link.getAttribute('data-ask') === ask));
  }
}

/** Overlays: a box switches a class of the map; the choice lasts as long as the tab. @param {GridMap | null} map */
function overlays(map) {
  const stage = document.querySelector('.map');
  if (!stage) return;
  /** @param {HTMLInputElement} box */
  const apply = (box) => {
    stage.classList.toggle(`without-${box.value}`, !box.checked);
    if (map && box.value === 'names' && box.checked) map.thinNames();
  };
  for (const input of all('[data-overlay]')) {
    const box = /** @type {HTMLInputElement} */ (input);
    const kept = remember(box.value);
    if (kept) box.checked = kept === 'on';
    apply(box);
    box.addEventListener('change', () => {
      remember(box.value, box.checked ? 'on' : 'off');
      apply(box);
    });
  }
}

/** A choice kept for this tab; a page opened from disk may have no memory. @param {string} name @param {string} [value] */
function remember(name, value) {
  try {
    if (value) sessionStorage.setItem(`show-${name}`, value);
    return sessionStorage.getItem(`show-${name}`);
  } catch {
    return null;
  }
}

/** @param {GridMap} map */
function tools(map) {
  /** @type {Record<string, () => void>} */
  const acts = {
    'zoom-in': () => map.map.zoomIn(),
    'zoom-out': () => map.map.zoomOut(),
    fit: () => map.fit(legend()),
  };
  for (const button of all('[data-tool]')) {
    const act = acts[button.getAttribute('data-tool') || ''];
    button.addEventListener('click', act);
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
  for (const row of all('tr[data-cell]')) {
    const code = row.getAttribute('data-cell') || '';
    const light = () => map.choose((cell) => cell.row === code || cell.code === code);
    row.addEventListener('mouseenter', light);
    row.addEventListener('focusin', light);
    row.addEventListener('mouseleave', still);
    row.addEventListener('focusout', still);
  }
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

function start() {
  const map = drawn && facts.cells.length ? new GridMap(drawn, facts) : null;
  let current = '';
  /** @param {string} ask */
  const show = (ask) => {
    if (!(ask in facts.asks) || ask === current) return;
    current = ask;
    panels(ask);
    keep(ask);
    if (map) map.show(ask);
  };
  for (const link of all('a[data-ask]')) {
    link.addEventListener('click', (event) => {
      const mouse = /** @type {MouseEvent} */ (event);
      if (mouse.ctrlKey || mouse.metaKey || mouse.shiftKey) return;
      event.preventDefault();
      show(link.getAttribute('data-ask') || '');
      const url = new URL(location.href);
      url.searchParams.set('ask', current);
      if (location.protocol !== 'file:') history.replaceState(null, '', url);
    });
  }
  show(facts.ask);
  overlays(map);
  for (const table of all('table')) sortable(/** @type {HTMLTableElement} */ (table));
  if (matchMedia(PHONE).matches) all('details').forEach((list) => list.removeAttribute('open'));
  if (!map) return;
  tools(map);
  rows(map);
  map.fit(legend());
  const container = map.map.getContainer();
  let width = container.offsetWidth;
  new ResizeObserver(() => {
    // A phone's address bar comes and goes; only another width is another page.
    if (container.offsetWidth !== width) map.fit(legend());
    width = container.offsetWidth;
  }).observe(container);
  matchMedia('print').addEventListener('change', () => map.fit(legend()));
}

start();
