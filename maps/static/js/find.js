// Find cells, places, roads and water by name: a box over the map, and the best matches below it.
import { say } from './words.js';

/**
 * @typedef {{ kind: string, name: string, detail: string, code: string, lon: number, lat: number,
 *   bbox: [number, number, number, number] }} Named  As /api/search answers.
 */

/** Whoever types goes on typing within this time. */
const TYPING_MS = 180;
/** Before this, nobody has begun to wait. */
const WAITING_MS = 500;
const CLOSE_ZOOM = 17;
const WRITTEN_IN = 'input:not([type="checkbox"]):not([type="radio"]), textarea, select';

/**
 * Make a search form work: choosing a match shows it on the map.
 * @param {HTMLFormElement} form  Of templates/find.html. @param {L.Map} map
 */
export function finder(form, map) {
  new Finder(form, map);
}

class Finder {
  /** @param {HTMLFormElement} form @param {L.Map} map */
  constructor(form, map) {
    this.map = map;
    this.form = form;
    this.input = /** @type {HTMLInputElement} */ (form.querySelector('input'));
    this.list = /** @type {HTMLElement} */ (form.querySelector('[role="listbox"]'));
    this.note = /** @type {HTMLElement} */ (form.querySelector('[role="status"]'));
    this.one = /** @type {HTMLElement} */ (form.querySelector('.found-one'));
    this.marks = L.layerGroup().addTo(map);
    map.createPane('found').style.zIndex = '645';
    /** @type {Named[]} */
    this.items = [];
    this.active = -1;
    this.asked = '';
    this.typing = 0;
    this.waiting = 0;
    /** @type {AbortController | null} */
    this.request = null;
    L.DomEvent.disableClickPropagation(form);
    L.DomEvent.disableScrollPropagation(form);
    // Letters of a word that is still being written in Chinese are not asked for.
    this.input.addEventListener('input', (event) => {
      if (!(/** @type {InputEvent} */ (event).isComposing)) this.typed();
    });
    this.input.addEventListener('compositionend', () => this.typed());
    this.input.addEventListener('keydown', (event) => this.key(event));
    this.input.addEventListener('focus', () => this.asked && this.open());
    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('focusout', (event) => {
      if (!form.contains(/** @type {Node | null} */ (event.relatedTarget))) this.close();
    });
    document.addEventListener('keydown', (event) => this.slash(event));
  }

  typed() {
    clearTimeout(this.typing);
    const text = this.input.value.trim();
    if (!text) {
      this.forget();
      return;
    }
    this.typing = setTimeout(() => this.ask(text), TYPING_MS);
  }

  /** Ask the server; an older question that is still open is taken back. @param {string} text */
  async ask(text) {
    if (this.request) this.request.abort();
    const request = new AbortController();
    this.request = request;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.tell(say('Searching …')), WAITING_MS);
    try {
      const answer = await fetch(`/api/search?q=${encodeURIComponent(text)}`, {
        headers: { accept: 'application/json' },
        signal: request.signal,
      });
      const body = await answer.json();
      if (request !== this.request) return;
      if (answer.ok) this.show(text, body.items);
      else this.fail(body.detail || body.title || say('The search does not answer.'));
    } catch {
      if (request === this.request && !request.signal.aborted) {
        this.fail(
          navigator.onLine
            ? say('The search does not answer.')
            : say('No network: searching needs the server.'),
        );
      }
    }
  }

  /** @param {string} text @param {Named[]} items */
  show(text, items) {
    clearTimeout(this.waiting);
    this.asked = text;
    this.items = items;
    this.list.replaceChildren(...items.map((item, i) => this.option(item, i)));
    this.activate(-1);
    this.tell(items.length ? '' : say('Nothing here has “{text}” in its name.', { text }));
    this.open();
  }

  /** @param {string} sentence */
  fail(sentence) {
    clearTimeout(this.waiting);
    this.asked = '';
    this.items = [];
    this.list.replaceChildren();
    this.close();
    const again = document.createElement('button');
    again.type = 'button';
    again.className = 'btn plain';
    again.textContent = say('Try again');
    again.addEventListener('click', () => {
      this.input.focus();
      this.ask(this.input.value.trim());
    });
    this.tell(sentence, again);
  }

  /** @param {Named} item @param {number} i */
  option(item, i) {
    const option = document.createElement('li');
    option.id = `found-${i}`;
    option.setAttribute('role', 'option');
    option.setAttribute('aria-selected', 'false');
    const name = document.createElement('b');
    name.textContent = item.name;
    const detail = document.createElement('span');
    detail.textContent = item.detail;
    option.append(name, detail);
    option.addEventListener('mousedown', (event) => event.preventDefault());  // keeps the focus
    option.addEventListener('click', () => this.choose(item));
    return option;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.isComposing) return; // Enter ends a word that is being written in Chinese
    const last = this.items.length - 1;
    /** @type {Record<string, () => void>} */
    const acts = {
      ArrowDown: () => this.activate(this.active >= last ? 0 : this.active + 1),
      ArrowUp: () => this.activate(this.active <= 0 ? last : this.active - 1),
      Enter: () => this.enter(),
      Escape: () => this.escape(),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    if (event.key.startsWith('Arrow')) this.open();
    act();
  }

  enter() {
    const text = this.input.value.trim();
    const item = this.items[Math.max(this.active, 0)];
    if (item && text === this.asked) this.choose(item);
    else if (text) {
      clearTimeout(this.typing);
      this.ask(text);
    }
  }

  escape() {
    if (this.list.hidden) {
      this.input.value = '';
      this.forget();
    } else this.close();
  }

  /** `/` goes to the box, unless somebody is writing. @param {KeyboardEvent} event */
  slash(event) {
    const at = /** @type {HTMLElement} */ (event.target);
    const writes = at.isContentEditable || at.matches(WRITTEN_IN);
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || writes) return;
    event.preventDefault();
    this.input.focus();
    this.input.select();
  }

  /** @param {number} i  -1: none. */
  activate(i) {
    this.active = this.items.length ? i : -1;
    [...this.list.children].forEach((option, n) => {
      option.setAttribute('aria-selected', String(n === this.active));
      if (n === this.active) option.scrollIntoView({ block: 'nearest' });
    });
    if (this.active < 0) this.input.removeAttribute('aria-activedescendant');
    else this.input.setAttribute('aria-activedescendant', `found-${this.active}`);
  }

  open() {
    this.list.hidden = !this.items.length;
    this.input.setAttribute('aria-expanded', String(!this.list.hidden));
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute('aria-expanded', 'false');
    this.activate(-1);
  }

  /** Nothing is asked, found or shown any more. */
  forget() {
    if (this.request) this.request.abort();
    this.request = null;
    clearTimeout(this.waiting);
    this.asked = '';
    this.items = [];
    this.list.replaceChildren();
    this.close();
    this.tell('');
    this.marks.clearLayers();
    this.one.hidden = true;
  }

  /** @param {string} sentence @param {...Node} more */
  tell(sentence, ...more) {
    this.note.replaceChildren(sentence, ...more);
    this.note.classList.toggle('said', sentence !== '');
  }

  /** Go there on the map, and say what it is. @param {Named} item */
  choose(item) {
    this.close();
    this.input.value = item.name;
    this.asked = '';
    this.items = [];
    const name = document.createElement('b');
    name.textContent = item.name;
    const detail = document.createElement('span');
    detail.textContent = item.detail;
    const away = document.createElement('button');
    away.type = 'button';
    away.className = 'btn plain square';
    away.title = say('Remove from the map');
    away.setAttribute('aria-label', away.title);
    away.append(findIcon('close'));
    away.addEventListener('click', () => {
      this.input.value = '';
      this.forget();
      this.input.focus();
    });
    this.one.replaceChildren(name, detail, ...(item.code ? [opening(item.code)] : []), away);
    this.one.hidden = false;
    this.tell('');
    this.input.select(); // the next word takes the place of this one
    this.mark(item);
    const [west, south, east, north] = item.bbox;
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.map.fitBounds(
      [
        [south, west],
        [north, east],
      ],
      { maxZoom: CLOSE_ZOOM, padding: [48, 48], animate: !calm },
    );
  }

  /** @param {Named} item */
  mark(item) {
    this.marks.clearLayers();
    const sign = document.createElement('div');
    const name = document.createElement('span');
    name.textContent = item.name;
    sign.append(name);
    const icon = L.divIcon({ className: 'found-mark', iconSize: [0, 0], html: sign });
    const options = { icon, pane: 'found', interactive: false, keyboard: false };
    L.marker([item.lat, item.lon], options).addTo(this.marks);
  }
}

/** @param {string} name  Of the page's own set. */
function findIcon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const shape = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  shape.setAttribute('href', `#icon-${name}`);
  svg.append(shape);
  return svg;
}

/** The way down to a cell; on the map it keeps the question and the period. @param {string} code */
function opening(code) {
  const url = new URL('/map', location.href);
  if (location.pathname === url.pathname) url.search = location.search;
  url.searchParams.set('cell', code);
  url.searchParams.delete('level');
  const link = document.createElement('a');
  link.className = 'btn';
  link.href = url.href;
  link.textContent = say('Open');
  return link;
}
