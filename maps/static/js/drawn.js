// What a map shows of the ground, out of its compact form. A plain script: it is a part of the page's
// own inline script, so that the map is painted before any module has arrived.

/**
 * @typedef {{ classes: string, fill: string, known: Record<string, any>, at: number[][] | number[][][] }} DrawnShape
 *   `at`: lines, or polygons of rings. Whole steps of 1 / grid degree, each from the point before it, east and north.
 * @typedef {{ pane: string, grid: number, shapes: DrawnShape[] }} DrawnLayer
 */

/** Return one layer of a map; it is on no map yet. @param {DrawnLayer} layer */
function drawnLayer(layer) {
  const features = layer.shapes.map((shape, id) => ({
    type: 'Feature',
    id,
    properties: shape.known,
    geometry: drawnGeometry(shape.at, layer.grid),
  }));
  return L.geoJSON(
    /** @type {any} */ ({ type: 'FeatureCollection', features }),
    /** @type {any} */ ({
      pane: layer.pane,
      interactive: layer.pane === 'fills',
      smoothFactor: 0, // else Leaflet thins each border by itself, and neighbours part
      /** @param {{ id: number }} feature */
      style: (feature) => {
        const { classes, fill } = layer.shapes[feature.id];
        return fill ? { className: classes, fillColor: fill } : { className: classes };
      },
    }),
  );
}

/** @param {number[][] | number[][][]} at @param {number} grid */
function drawnGeometry(at, grid) {
  let x = 0;
  let y = 0;
  /** @param {number[]} steps */
  const line = (steps) => {
    const points = [];
    for (let i = 0; i < steps.length; i += 2) {
      x += steps[i];
      y += steps[i + 1];
      points.push([x / grid, y / grid]);
    }
    return points;
  };
  const areas = at.length > 0 && Array.isArray(at[0][0]);
  return areas
    ? { type: 'MultiPolygon', coordinates: /** @type {number[][][]} */ (at).map((rings) => rings.map(line)) }
    : { type: 'MultiLineString', coordinates: /** @type {number[][]} */ (at).map(line) };
}

/**
 * Draw layers on a map, in their order, and name them for our scripts.
 * @param {L.Map} map @param {Record<string, DrawnLayer>} layers
 */
function draw(map, layers) {
  /** @type {Record<string, L.Map | L.GeoJSON>} */
  const drawn = { map };
  for (const [name, layer] of Object.entries(layers)) drawn[name] = drawnLayer(layer).addTo(map);
  /** @type {any} */ (globalThis).wangge = drawn;
}
