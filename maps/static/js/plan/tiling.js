// The exact borders, as the server gave them: which cells have which corner, and what moving one would do.
// Coordinates are multiples of 1e-8 degree; a corner's key is the two integers. Nothing here is saved.

/**
 * @typedef {[number, number]} Place  Longitude, latitude in degrees.
 * @typedef {{ code: string, name: string, level: string, parent: string | null, area: number,
 *   version: number, rings: Place[][] }} Cell  Rings of all its polygons, each corner once.
 * @typedef {'free' | 'joint' | 'fixed'} Kind  Within a village, on a village's border, on the outer border.
 * @typedef {{ key: string, at: Place, owners: string[], kind: Kind }} Corner
 */

const UNITS = 1e8;
const RANK = ['city', 'district', 'township', 'area', 'village', 'unit'];
/** Metres of a degree of latitude; of longitude it is the cosine of that. */
const DEGREE_M = 110_900;
const EAST_M = 111_320;

/** The nearest lattice point: an integer over 1e8, as the server stores it. @param {Place} place @returns {Place} */
export function snapped([lon, lat]) {
  return [Math.round(lon * UNITS) / UNITS, Math.round(lat * UNITS) / UNITS];
}

/** @param {Place} place */
export function keyOf([lon, lat]) {
  return `${Math.round(lon * UNITS)},${Math.round(lat * UNITS)}`;
}

/** A place so many metres away. @param {Place} place @param {number} east @param {number} north @returns {Place} */
export function beside([lon, lat], east, north) {
  return snapped([lon + east / (EAST_M * Math.cos((lat * Math.PI) / 180)), lat + north / DEGREE_M]);
}

export class Tiling {
  constructor() {
    /** @type {Map<string, Cell>} */
    this.cells = new Map();
    /** @type {Map<string, Set<string>> | null} */
    this.index = null;
  }

  /** Take cells in, or what became of them. @param {GeoJSON.FeatureCollection} found */
  put(found) {
    for (const { properties, geometry } of found.features) {
      const known = properties || {};
      const code = known.cell;
      this.cells.set(code, {
        code,
        name: known.name,
        level: known.level,
        parent: known.parent,
        area: known.area_m2,
        version: known.version,
        rings: rings(geometry),
      });
    }
    this.index = null;
  }

  /** Cells that nothing here is below. */
  leaves() {
    const parents = new Set([...this.cells.values()].map((cell) => cell.parent));
    return [...this.cells.values()].filter((cell) => !parents.has(cell.code));
  }

  /** The cells that have a corner, the lowest first. @param {string} key @returns {Cell[]} */
  owners(key) {
    if (!this.index) this.index = this.indexed();
    const codes = [...(this.index.get(key) || [])];
    const found = codes.map((code) => /** @type {Cell} */ (this.cells.get(code)));
    return found.sort((a, b) => RANK.indexOf(b.level) - RANK.indexOf(a.level));
  }

  indexed() {
    /** @type {Map<string, Set<string>>} */
    const index = new Map();
    for (const cell of this.cells.values()) {
      for (const at of cell.rings.flat()) {
        const key = keyOf(at);
        const codes = index.get(key);
        if (codes) codes.add(cell.code);
        else index.set(key, new Set([cell.code]));
      }
    }
    return index;
  }

  /** The corners of a cell, each once, in the order of its border. @param {string} code @returns {Corner[]} */
  corners(code) {
    const cell = this.cells.get(code);
    const open = this.open();
    /** @type {Map<string, Corner>} */
    const found = new Map();
    for (const at of cell ? cell.rings.flat() : []) {
      const key = keyOf(at);
      const owners = this.owners(key);
      const joint = owners.some((owner) => owner.level !== 'unit');
      const kind = open.has(key) ? 'fixed' : joint ? 'joint' : 'free';
      found.set(key, { key, at, owners: owners.map((owner) => owner.code), kind });
    }
    return [...found.values()];
  }

  /** Corners at which a step has a cell on one side only: they lie on the outer border, or borders do not match. */
  open() {
    /** @type {Map<string, [string, string]>} */
    const once = new Map();
    for (const cell of this.leaves()) {
      for (const [a, b] of steps(cell)) {
        const ends = [keyOf(a), keyOf(b)].sort();
        const step = ends.join(' ');
        if (!once.delete(step)) once.set(step, /** @type {[string, string]} */ (ends));
      }
    }
    return new Set([...once.values()].flat());
  }

  /** Every step of the borders, once, by the highest level that it divides. @returns {Map<string, [Place, Place][]>} */
  borders() {
    /** @type {Map<string, { rank: number, line: [Place, Place] }>} */
    const found = new Map();
    for (const cell of this.cells.values()) {
      const rank = RANK.indexOf(cell.level);
      for (const line of steps(cell)) {
        const step = line.map(keyOf).sort().join(' ');
        const known = found.get(step);
        if (!known) found.set(step, { rank, line });
        else if (rank < known.rank) known.rank = rank;
      }
    }
    /** @type {Map<string, [Place, Place][]>} */
    const lines = new Map(RANK.map((level) => [level, []]));
    for (const { rank, line } of found.values()) lines.get(RANK[rank])?.push(line);
    return lines;
  }

  /**
   * Move a corner, only here, in every cell that has it; return those cells. A guess, until the server answers.
   * @param {Place} from @param {Place} to
   */
  move(from, to) {
    const key = keyOf(from);
    const owners = this.owners(key);
    for (const cell of owners) {
      cell.rings = cell.rings.map((ring) => ring.map((at) => (keyOf(at) === key ? to : at)));
    }
    this.index = null;
    return owners;
  }

  /** By how many square metres each of these cells grows when a corner goes elsewhere. @param {Corner} corner @param {Place} to */
  gains(corner, to) {
    return corner.owners.map((code) => {
      const cell = /** @type {Cell} */ (this.cells.get(code));
      let gain = 0;
      for (const ring of cell.rings) {
        const moved = ring.map((at) => (keyOf(at) === corner.key ? to : at));
        gain += area(moved, to) - area(ring, to); // holes turn the other way
      }
      return { cell, gain };
    });
  }
}

/** @param {GeoJSON.Geometry} geometry @returns {Place[][]} */
function rings(geometry) {
  const shape = /** @type {GeoJSON.MultiPolygon | GeoJSON.Polygon} */ (geometry);
  const polygons = shape.type === 'Polygon' ? [shape.coordinates] : shape.coordinates;
  return polygons.flat().map((ring) => ring.slice(0, -1).map(([lon, lat]) => /** @type {Place} */ ([lon, lat])));
}

/** @param {Cell} cell @returns {[Place, Place][]} */
function steps(cell) {
  return cell.rings.flatMap((ring) =>
    ring.map((at, i) => /** @type {[Place, Place]} */ ([at, ring[(i + 1) % ring.length]])),
  );
}

/** Square metres on a plane laid at a place, with the sign of the ring's turn. @param {Place[]} ring @param {Place} at */
function area(ring, at) {
  const [x, y] = [EAST_M * Math.cos((at[1] * Math.PI) / 180), DEGREE_M];
  let sum = 0;
  ring.forEach((a, i) => {
    const b = ring[(i + 1) % ring.length];
    sum += (a[0] - at[0]) * (b[1] - at[1]) - (b[0] - at[0]) * (a[1] - at[1]);
  });
  return (sum / 2) * x * y;
}
