// Distances within a few kilometres, on a plane laid on the ground there.

/** @typedef {[number, number]} Spot  Longitude, latitude in degrees. */
/** @typedef {number[][][][]} Areas  Polygons, each its outer ring and its holes. */

const DEGREE_M = 111_320;

/** Metres a degree of longitude and latitude. @param {number} lat @returns {[number, number]} */
function scale(lat) {
  return [DEGREE_M * Math.cos((lat * Math.PI) / 180), DEGREE_M];
}

/** Metres between two places. @param {Spot} a @param {Spot} b */
export function metres(a, b) {
  const [x, y] = scale((a[1] + b[1]) / 2);
  return Math.hypot((a[0] - b[0]) * x, (a[1] - b[1]) * y);
}

/** The place so many metres east and north of another. @param {Spot} spot @param {number} east @param {number} north @returns {Spot} */
export function moved(spot, east, north) {
  const [x, y] = scale(spot[1]);
  return [spot[0] + east / x, spot[1] + north / y];
}

/** Whether a place lies within polygons: a line from it crosses their rings an odd number of times. @param {Areas} areas @param {Spot} spot */
export function inside(areas, [lon, lat]) {
  let odd = false;
  for (const ring of areas.flat()) {
    for (let i = 1; i < ring.length; i++) {
      const [x1, y1] = ring[i - 1];
      const [x2, y2] = ring[i];
      if (y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) odd = !odd;
    }
  }
  return odd;
}

/** Metres to the nearest border of polygons. @param {Areas} areas @param {Spot} spot */
export function toBorder(areas, [lon, lat]) {
  const [sx, sy] = scale(lat);
  let least = Infinity;
  for (const ring of areas.flat()) {
    for (let i = 1; i < ring.length; i++) {
      const [ax, ay] = [(ring[i - 1][0] - lon) * sx, (ring[i - 1][1] - lat) * sy];
      const [bx, by] = [(ring[i][0] - lon) * sx, (ring[i][1] - lat) * sy];
      const [dx, dy] = [bx - ax, by - ay];
      const along = dx || dy ? Math.min(1, Math.max(0, -(ax * dx + ay * dy) / (dx * dx + dy * dy))) : 0;
      least = Math.min(least, Math.hypot(ax + along * dx, ay + along * dy));
    }
  }
  return least;
}
