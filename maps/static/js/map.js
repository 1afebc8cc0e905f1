// The map of the page: what folium drew, dressed with names, shapes of issues, tips and a selection.
// Everything that comes from people is written as text, never as HTML.
import { say } from './words.js';

/**
 * @typedef {{ code: string, name: string, label: string, holder: string, row: string,
 *   at: [number, number], inside: boolean }} CellFacts  A filled cell, and the listed one it is in.
 * @typedef {{ code: string, name: string, at: [number, number] }} RowFacts
 * @typedef {{ fills: string[], said: string[], figures: string[], named: string,
 *   pins: boolean }} Answer  By the order of the cells, and of the rows.
 * @typedef {{ id: string, at: [number, number], state: string, lines: string[] }} PinFacts
 * @typedef {import('./live.js').Known} Known
 * @typedef {{ ask: string, cells: CellFacts[], rows: RowFacts[], asks: Record<string, Answer>,
 *   pins: PinFacts[], dots: Record<string, [number, number][]>, chosen: string,
 *   drilled: boolean, patches: DrawnLayer, tracks: DrawnLayer, live: Known | null, background: import('./background.js').Background | null,
 *   ground: import('./ground.js').GroundName[] }} Facts
 * @typedef {{ map: L.Map, cells: L.GeoJSON, borders: L.GeoJSON }} Drawn
 */

/** Classes that are patterns: an attribute names what the page defines. @type {Record<string, string>} */
const PATTERNS = { nodata: 'url(#hatch)', deputy: 'url(#dots)' };
const GAP_PX = 4;
/** A map smaller than its margins has no scale to fit to; it is fitted once it is larger. */
const LEAST_PX = 120;
/** From here on lanes, houses and the names of parts are to be seen. */
const NEAR_ZOOM = 14;
const SPOT_ZOOM = 16;
/** What floats over the map at its top and its right must not cover a card. */
const CLEAR = {
  autoPanPaddingTopLeft: /** @type {[number, number]} */ ([12, 100]),
  autoPanPaddingBottomRight: /** @type {[number, number]} */ ([60, 12]),
};

export class GridMap {
  /** @param {Drawn} drawn @param {Facts} facts */
  constructor(drawn, facts) {
    this.drawn = drawn;
    this.map = drawn.map;
    this.facts = facts;
    this.ask = facts.ask;
    /** @type {L.Polygon[]} */
    this.paths = [];
    drawn.cells.eachLayer((layer) => this.paths.push(/** @type {L.Polygon} */ (layer)));
    /** @type {{ marker: L.Marker, box: [number, number], part: L.Polygon | null }[]} */
    this.names = [];
    this.chosen = L.layerGroup().addTo(this.map);
    this.map.createPane('names').style.zIndex = '640';
    L.control.scale({ imperial: false, position: 'bottomright' }).addTo(this.map);
    this.tip = this.tips();
    this.map.createPane('dots').style.zIndex = '470';
    this.dotted = L.canvas({ pane: 'dots', padding: 0.5 });
    /** What changes while people work. */
    this.changing = L.layerGroup().addTo(this.map);
    /** @type {Map<string, L.Marker>} */
    this.pinned = new Map();
    this.patches = this.changes(facts);
    this.pins(facts.pins);
    this.far = this.map.getZoom();
    this.parts = false;
    this.map.on('zoomend', () => this.zoomed());
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.map.closePopup();
    });
    const container = this.map.getContainer();
    container.setAttribute('role', 'group');
    container.setAttribute('aria-label', say('Map: arrow keys move it, + and − change its scale'));
  }

  /** Take in newer figures of the same cells; nothing moves. @param {Facts} facts */
  update(facts) {
    const known = new Set(this.facts.pins.map((pin) => pin.id));
    this.facts = facts;
    this.changing.clearLayers();
    this.patches = this.changes(facts);
    this.pins(facts.pins, known);
    this.show(this.ask);
  }

  /** Draw patches of ground, tracks and the issues that are dots; return the patches. @param {Facts} facts */
  changes(facts) {
    const patches = drawnLayer(facts.patches).addTo(this.changing);
    drawnLayer(facts.tracks).addTo(this.changing);
    this.dots(facts.dots);
    return patches;
  }

  /** Show the answer to a question. @param {string} ask */
  show(ask) {
    this.ask = ask;
    const answer = this.facts.asks[ask];
    this.paths.forEach((path, i) => {
      const element = /** @type {SVGElement} */ (path.getElement());
      const fill = answer.fills[i];
      const away = this.facts.cells[i].inside ? '' : ' away';
      element.setAttribute('class', `leaflet-interactive cell ${fill}${away}`);
      element.setAttribute('fill', PATTERNS[fill] || 'currentColor');
    });
    this.patches.eachLayer((layer) => {
      const patch = /** @type {L.Polygon & { feature: { properties: { ask: string } } }} */ (layer);
      const element = patch.getElement();
      if (element) element.classList.toggle('off', patch.feature.properties.ask !== ask);
    });
    this.write();
  }

  /** Fit the place into what the legend leaves free. @param {HTMLElement | null} legend */
  fit(legend) {
    const inside = this.paths.filter((_, i) => this.facts.cells[i].inside);
    this.map.invalidateSize({ animate: false, pan: false });
    const size = this.map.getSize();
    if (!inside.length || Math.min(size.x, size.y) < LEAST_PX) return;
    const bounds = L.latLngBounds([]);
    inside.forEach((path) => bounds.extend(path.getBounds()));
    const floats = legend && getComputedStyle(legend).position === 'absolute';
    const room = floats ? [legend.offsetWidth + 24, legend.offsetHeight + 24] : [16, 16];
    if (room[1] > size.y - LEAST_PX) room[1] = 24;
    /** @type {[L.PointExpression, L.PointExpression][]} */
    const ways = [
      [L.point(room[0], 24), L.point(56, 24)],
      [L.point(24, 24), L.point(56, room[1])],
    ];
    const zooms = ways.map(([first, second]) =>
      this.map.getBoundsZoom(bounds, false, L.point(first).add(L.point(second))),
    );
    const [first, second] = ways[zooms[0] > zooms[1] ? 0 : 1];
    this.map.fitBounds(bounds, {
      paddingTopLeft: first,
      paddingBottomRight: second,
      animate: false,
    });
    this.far = this.map.getZoom();
    this.zoomed();
  }

  /** Show more of what is small when it has room. */
  zoomed() {
    const near = Math.max(this.far + 1, NEAR_ZOOM);
    this.map.getContainer().classList.toggle('near', this.map.getZoom() >= NEAR_ZOOM);
    this.parts = this.map.getZoom() >= near;
    this.thinNames();
  }

  /** Draw a line around cells, or none. @param {(cell: CellFacts) => boolean} wanted */
  choose(wanted) {
    this.chosen.clearLayers();
    const set = new Set(this.facts.cells.map((cell, i) => (wanted(cell) ? i : -1)));
    set.delete(-1);
    if (!set.size) return;
    /** @type {GeoJSON.Feature[]} */
    const around = [];
    this.drawn.borders.eachLayer((layer) => {
      const { feature } = /** @type {L.Polyline} */ (layer);
      const sides = feature && feature.properties && feature.properties.sides;
      if (feature && sides && set.has(sides[0]) !== set.has(sides[1])) around.push(feature);
    });
    for (const className of ['chosen-line under', 'chosen-line']) {
      const style = { className, pane: 'chosen', interactive: false, smoothFactor: 0 };
      L.geoJSON(around, /** @type {L.GeoJSONOptions} */ ({ ...style, style: () => style })).addTo(
        this.chosen,
      );
    }
  }

  /** Call back with the cell that was pressed. @param {(cell: CellFacts) => void} pressed */
  onPress(pressed) {
    this.paths.forEach((path, i) => path.on('click', () => pressed(this.facts.cells[i])));
  }

  tips() {
    const tip = document.createElement('div');
    tip.className = 'tip';
    this.drawn.cells.bindTooltip(
      (layer) => {
        const i = this.paths.indexOf(/** @type {L.Polygon} */ (layer));
        const cell = this.facts.cells[i];
        const answer = this.facts.asks[this.ask];
        tip.replaceChildren(...describe(cell, answer.named, answer.said[i]));
        return tip;
      },
      { sticky: true, direction: 'auto', offset: [14, 0], opacity: 1 },
    );
    // What shows a tip can be tabbed to in some browsers: a hundred nameless stops before the table.
    for (const path of this.paths) path.getElement()?.setAttribute('tabindex', '-1');
    return tip;
  }

  /** The issues that are too many for a shape each. @param {Record<string, [number, number][]>} dots */
  dots(dots) {
    const colours = getComputedStyle(document.documentElement);
    for (const [state, places] of Object.entries(dots)) {
      const fillColor = colours.getPropertyValue(`--st-${state}`).trim();
      const look = { fillColor, fillOpacity: 1, color: '#ffffff', weight: 1, radius: 3.5 };
      const options = { ...look, renderer: this.dotted, pane: 'dots', interactive: false };
      for (const place of places) L.circleMarker(place, options).addTo(this.changing);
    }
  }

  /**
   * Put the issues on the map; those that are there keep their place, and what hangs open on them.
   * @param {PinFacts[]} pins @param {Set<string> | null} [known]  Those that the reader has seen.
   */
  pins(pins, known = null) {
    const wanted = new Set(pins.map((pin) => pin.id));
    for (const [id, marker] of this.pinned) {
      if (!wanted.has(id)) {
        marker.remove();
        this.pinned.delete(id);
      }
    }
    for (const pin of pins) {
      const fresh = known !== null && !known.has(pin.id);
      const className = fresh ? 'pin fresh' : 'pin';
      const icon = L.divIcon({ className, iconSize: [16, 16], html: use(pin.state) });
      const there = this.pinned.get(pin.id);
      if (there) there.setLatLng(pin.at).setIcon(icon).setTooltipContent(pinText(pin));
      else this.pinned.set(pin.id, this.pin(pin, icon));
    }
  }

  /** @param {PinFacts} pin @param {L.DivIcon} icon */
  pin(pin, icon) {
    const marker = L.marker(pin.at, { icon, keyboard: false }).addTo(this.map);
    marker.bindTooltip(pinText(pin), { direction: 'top', offset: [0, -8], opacity: 1 });
    marker.on('click', () => this.open(pin.id));
    return marker;
  }

  /**
   * Show what there is to know of an issue, at its place.
   * @param {string} id @param {[number, number]} [at]  Where it is, if it has no shape of its own.
   * @returns {HTMLElement | null}  The card; when it is closed the focus goes back to where it was.
   */
  open(id, at) {
    const pin = this.facts.pins.find((one) => one.id === id);
    const place = pin ? pin.at : at;
    if (!place) return null;
    const before = /** @type {HTMLElement | null} */ (document.activeElement);
    const card = document.createElement('div');
    card.className = 'pin-card';
    card.tabIndex = -1;
    if (pin) card.append(...pinText(pin).childNodes);
    this.map.closePopup();
    this.drawn.cells.closeTooltip();
    const popup = L.popup({ minWidth: 220, maxWidth: 280, offset: [0, -4], ...CLEAR })
      .setLatLng(place)
      .setContent(card)
      .openOn(this.map);
    const close = popup.getElement()?.querySelector('.leaflet-popup-close-button');
    if (close) close.setAttribute('aria-label', say('Close'));
    card.focus({ preventScroll: true });
    popup.on('remove', () => before && before.focus({ preventScroll: true }));
    if (location.protocol !== 'file:') more(id, card, () => popup.update());
    return card;
  }

  /** Bring a place to the middle, near enough to tell it from others. @param {[number, number]} at */
  goTo(at) {
    this.map.setView(at, Math.max(this.map.getZoom(), SPOT_ZOOM), { animate: false });
  }

  /** Write the names of the listed cells with their figures, and those of the parts. */
  write() {
    this.names.forEach(({ marker }) => marker.remove());
    this.names = [];
    const answer = this.facts.asks[this.ask];
    const listed = new Set(this.facts.rows.map((row) => row.code));
    this.facts.rows.forEach((row, i) => this.name(row.at, [row.name, answer.figures[i]], null));
    this.facts.cells.forEach((cell, i) => {
      if (cell.inside && !listed.has(cell.code)) {
        this.name(cell.at, [cell.label, answer.said[i]], this.paths[i]);
      }
    });
    this.thinNames();
  }

  /**
   * @param {[number, number]} at
   * @param {string[]} lines
   * @param {L.Polygon | null} part  The cell, where it is a part of what is listed.
   */
  name(at, lines, part) {
    const shown = lines.filter(Boolean);
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    shown.forEach((line, i) => {
      const text = document.createElementNS('http://www.w3.org/2000/svg', 'text');
      text.textContent = line;
      text.setAttribute('y', String((i - (shown.length - 1) / 2) * 15 + 5));
      svg.append(text);
    });
    const className = part ? 'name minor' : 'name';
    const icon = L.divIcon({ className, iconSize: [0, 0], html: /** @type {any} */ (svg) });
    const options = { icon, pane: 'names', interactive: false, keyboard: false };
    const marker = L.marker(at, options).addTo(this.map);
    const wide = Math.max(...shown.map(width)) * (part ? 12 : 13);
    this.names.push({ marker, box: [wide, shown.length * 15], part });
  }

  /** Hide the names that would lie on others; those of the listed cells go first. */
  thinNames() {
    /** @type {[number, number, number, number][]} */
    const taken = [];
    for (const { marker, box, part } of this.names) {
      const { x, y } = this.map.latLngToLayerPoint(marker.getLatLng());
      const [w, h] = [box[0] / 2 + GAP_PX, box[1] / 2 + GAP_PX];
      const free = taken.every(([a, b, c, d]) => x + w < a || x - w > c || y + h < b || y - h > d);
      const shown = free && (!part || (this.parts && this.fits(part, box)));
      const element = marker.getElement();
      if (element) element.style.display = shown ? '' : 'none';
      if (shown) taken.push([x - w, y - h, x + w, y + h]);
    }
    this.map.fire('named', { taken });
  }

  /** Whether a part is large enough for its name. @param {L.Polygon} part @param {[number, number]} box */
  fits(part, box) {
    const bounds = part.getBounds();
    const west = this.map.latLngToLayerPoint(bounds.getSouthWest());
    const east = this.map.latLngToLayerPoint(bounds.getNorthEast());
    return east.x - west.x > box[0] * 1.3 && west.y - east.y > box[1] * 1.5;
  }
}

/** The width of a text in ems: a Chinese character is one, a Latin one about half. @param {string} text */
function width(text) {
  let ems = 0;
  for (const char of text) ems += /** @type {number} */ (char.codePointAt(0)) > 0x2e7f ? 1 : 0.58;
  return ems;
}

/** The shape of a state, from the page's own set. @param {string} state */
function use(state) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const shape = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  svg.setAttribute('viewBox', '0 0 16 16');
  shape.setAttribute('href', `#shape-${state}`);
  svg.append(shape);
  return /** @type {any} */ (svg);
}

/** @param {string} tag @param {string} text @param {boolean} [line] */
function element(tag, text, line) {
  const found = document.createElement(tag);
  found.textContent = text;
  if (line) found.style.display = 'block';
  return found;
}

/** @param {PinFacts} pin */
function pinText(pin) {
  const text = document.createElement('div');
  text.className = 'tip';
  text.append(...pin.lines.map((line, i) => element(i ? 'span' : 'b', line, !!i)));
  return text;
}

/** Add what only the server knows: why an issue is with whom it is, and its photos.
 * @param {string} id @param {HTMLElement} card @param {() => void} grown */
async function more(id, card, grown) {
  try {
    const answer = await fetch(`/api/issues/${id}`, { headers: { accept: 'application/json' } });
    if (!answer.ok) return;
    const { properties } = await answer.json();
    if (!card.childNodes.length) card.append(element('b', properties.category));
    for (const reason of properties.why) card.append(element('p', reason));
    const photos = element('p', '');
    photos.className = 'photos';
    for (const [i, name] of (properties.media || []).entries()) {
      const link = document.createElement('a');
      link.href = `/api/media/${name}`;
      link.target = '_blank';
      const image = document.createElement('img');
      image.src = `${link.href}?size=thumbnail`;
      image.alt = say('Photo {n}', { n: i + 1 });
      image.width = 72;
      image.height = 54;
      link.append(image);
      photos.append(link);
    }
    if (photos.childNodes.length) card.append(photos);
    grown();
  } catch {
    // Without a network the card stays as short as the page knows it.
  }
}

/** @param {CellFacts} cell @param {string} named @param {string} said */
function describe(cell, named, said) {
  const list = document.createElement('dl');
  const facts = named ? [[named, said]] : [];
  for (const [term, text] of [['', cell.holder], ...facts]) {
    if (term) list.append(element('dt', term), element('dd', text));
  }
  return [element('b', cell.name), element('span', cell.code), element('span', cell.holder, true), list];
}
