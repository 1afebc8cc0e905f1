// The exact borders on the map, over the simplified ones that the page came with.
import { keyOf } from './tiling.js';

/**
 * @typedef {import('./tiling.js').Place} Place
 * @typedef {import('./tiling.js').Cell} Cell
 * @typedef {import('./tiling.js').Corner} Corner
 * @typedef {import('./tiling.js').Tiling} Tiling
 * @typedef {import('../map.js').GridMap} GridMap
 */

/** Drawn from the lowest level to the highest. */
const LEVELS = ['unit', 'village', 'area', 'township', 'district', 'city'];

export class Exact {
  /** @param {GridMap} grid @param {Tiling} tiling @param {(code: string) => void} pressed */
  constructor(grid, tiling, pressed) {
    this.grid = grid;
    this.tiling = tiling;
    this.pressed = pressed;
    this.group = L.layerGroup();
    /** @type {Map<string, L.Polygon>} */
    this.fills = new Map();
    /** @type {Map<string, L.Polyline>} */
    this.lines = new Map();
    this.moving = line('', 'borders');
    this.was = line('was-line', 'chosen');
    /** @type {L.Polygon[]} */
    this.outline = [];
    /** The other ends of the steps that follow the hand. @type {Place[]} */
    this.ends = [];
  }

  /** Draw everything that is known, and hide what it stands in for. @param {string} picked */
  draw(picked) {
    const { map } = this.grid;
    this.group.addTo(map).clearLayers();
    this.fills.clear();
    for (const cell of this.tiling.leaves()) {
      const style = { className: 'cell land exact', pane: 'fills', smoothFactor: 0 };
      const fill = L.polygon(latLngs(cell), style).addTo(this.group);
      fill.on('click', () => this.pressed(cell.code));
      this.fills.set(cell.code, fill);
    }
    this.outline = [];
    const cell = this.tiling.cells.get(picked);
    const looks = cell ? { 'picked-fill': 'fills', 'chosen-line under': 'chosen', 'chosen-line': 'chosen' } : {};
    for (const [className, pane] of Object.entries(looks)) {
      const style = { className, pane, interactive: false, smoothFactor: 0 };
      const around = L.polygon(latLngs(/** @type {Cell} */ (cell)), style);
      this.outline.push(around.addTo(this.group));
    }
    this.picked = picked;
    for (const level of LEVELS) {
      this.lines.set(level, line(`border exact ${level}`, 'borders').addTo(this.group));
    }
    this.moving = line('border exact village', 'borders').addTo(this.group);
    this.was = line('was-line', 'chosen').addTo(this.group);
    this.settle();
    this.standIn();
  }

  remove() {
    this.group.remove();
  }

  /** Draw the borders as they are known; those that end in a corner under the hand follow it. @param {Corner} [held] */
  settle(held) {
    this.ends = [];
    for (const [level, steps] of this.tiling.borders()) {
      const still = steps.filter(([a, b]) => {
        if (!held) return true;
        const [first, second] = [keyOf(a) === held.key, keyOf(b) === held.key];
        if (first || second) this.ends.push(first ? b : a);
        return !first && !second;
      });
      this.lines.get(level)?.setLatLngs(still.map((step) => step.map(latLng)));
    }
    this.moving.setLatLngs([]);
    this.was.setLatLngs([]);
  }

  /** Follow the hand: the cells that share the corner, and where their border was. @param {Corner} held @param {Place} to */
  follow(held, to) {
    const { ends } = this;
    this.refill(held.owners);
    this.moving.setLatLngs(ends.map((end) => [latLng(to), latLng(end)]));
    this.was.setLatLngs(ends.map((end) => [latLng(held.at), latLng(end)]));
  }

  /** @param {string[]} codes */
  refill(codes) {
    for (const code of codes) {
      const cell = this.tiling.cells.get(code);
      const fill = this.fills.get(code);
      if (cell && fill) fill.setLatLngs(latLngs(cell));
      if (cell && code === this.picked) this.outline.forEach((around) => around.setLatLngs(latLngs(cell)));
    }
  }

  /** Hide the page's own borders of cells that are drawn exactly: they may be out of date. */
  standIn() {
    const known = new Set();
    this.grid.facts.cells.forEach(({ code }, i) => {
      if (this.tiling.cells.has(code)) known.add(i);
    });
    this.grid.drawn.borders.eachLayer((layer) => {
      const { feature } = /** @type {L.Polyline} */ (layer);
      const sides = feature && feature.properties && feature.properties.sides;
      const hidden = sides && (known.has(sides[0]) || known.has(sides[1]));
      /** @type {L.Path} */ (layer).getElement()?.classList.toggle('stale', Boolean(hidden));
    });
  }
}

/** @param {string} className @param {string} pane */
function line(className, pane) {
  return L.polyline([], { className, pane, interactive: false, smoothFactor: 0 });
}

/** @param {Place} place @returns {[number, number]} */
function latLng([lon, lat]) {
  return [lat, lon];
}

/** The rings of a cell; the even-odd rule leaves its holes open. @param {Cell} cell */
function latLngs(cell) {
  return cell.rings.map((ring) => ring.map(latLng));
}
