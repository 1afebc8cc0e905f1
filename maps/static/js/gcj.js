// GCJ-02, the datum of AMap's and Tencent's tiles: 300 to 700 m off WGS-84 inside China.
// Only such tiles are moved, never the map: what lies on it, and where one presses, stays WGS-84.

// Krasovsky 1940, as the public formula has it.
const AXIS_M = 6378245;
const ECCENTRICITY_2 = 0.00669342162296594323;

/** @param {number} times @param {number} x @param {number} part */
const wave = (times, x, part) => times * Math.sin(x * part * Math.PI);

/**
 * Return WGS-84 degrees in GCJ-02, as gis/cells/datum.py does. Outside China nothing moves.
 * @param {number} lon @param {number} lat @returns {[number, number]}
 */
export function toGcj(lon, lat) {
  if (lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271) return [lon, lat];
  const [x, y] = [lon - 105, lat - 35];
  const root = Math.sqrt(Math.abs(x));
  const both = wave(20, x, 6) + wave(20, x, 2);
  const alongX = wave(20, x, 1) + wave(40, x, 1 / 3) + wave(150, x, 1 / 12) + wave(300, x, 1 / 30);
  const alongY = wave(20, y, 1) + wave(40, y, 1 / 3) + wave(160, y, 1 / 12) + wave(320, y, 1 / 30);
  const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ((both + alongX) * 2) / 3;
  const north =
    -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ((both + alongY) * 2) / 3;
  const phi = (lat * Math.PI) / 180;
  const m = 1 - ECCENTRICITY_2 * Math.sin(phi) ** 2;
  const degree = 180 / Math.PI;
  return [
    lon + (east / ((AXIS_M / Math.sqrt(m)) * Math.cos(phi))) * degree,
    lat + (north / ((AXIS_M * (1 - ECCENTRICITY_2)) / m ** 1.5)) * degree,
  ];
}

/**
 * Make a layer of tiles that are in GCJ-02 lie right on the map, and return it.
 *
 * It asks for the tiles at the shifted centre, and draws them as far back. These are private
 * methods of Leaflet 1.9. The shift is right in the middle; at the edge of a screen, 2 km away,
 * it is wrong by less than 2 m.
 * @template {L.GridLayer} T @param {T} layer @returns {T}
 */
export function shifted(layer) {
  const own = /** @type {any} */ (layer);
  const { _getTiledPixelBounds: bounds, _setZoomTransform: place, _update: update } = own;
  /** @param {L.LatLngExpression} center */
  const there = (center) => {
    const { lng, lat } = L.latLng(center);
    const [x, y] = toGcj(lng, lat);
    return L.latLng(y, x);
  };
  /** @param {L.LatLng} center */
  own._getTiledPixelBounds = (center) => bounds.call(own, there(center));
  /** @param {unknown} level @param {L.LatLng} center @param {number} zoom */
  own._setZoomTransform = (level, center, zoom) => place.call(own, level, there(center), zoom);
  /** @param {L.LatLng} [center] */
  own._update = (center) => {
    // After a drag the middle is another, and so is the shift.
    if (own._map) own._setZoomTransforms(own._map.getCenter(), own._map.getZoom());
    update.call(own, center);
  };
  return layer;
}
