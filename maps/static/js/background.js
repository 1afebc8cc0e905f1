// Tiles under the map, where the deployment has some; off until somebody wants them.
// Without a network, or without the tiles, the map stays as it is.
import { shifted } from './gcj.js';
import { say } from './words.js';

/**
 * What maps/background.py tells of them.
 * @typedef {{ kind: 'tiles' | 'raster' | 'vector', layers: string[], subdomains: string,
 *   datum: 'wgs84' | 'gcj02', attribution: string, min_zoom: number, max_zoom: number }} Background
 * @typedef {{ getZxy(z: number, x: number, y: number):
 *   Promise<{ data: ArrayBuffer } | undefined> }} Archive  Of the library pmtiles.
 */

/** So long may tiles take before we say that they do not come. */
const PATIENCE_MS = 8000;
const NEAREST_ZOOM = 22;
const SHOWN_KEY = 'show-background';

/**
 * Let people put tiles under a map. Without any nothing happens.
 *
 * While they are seen, the map's element has the class `with-background`.
 * @param {L.Map} map
 * @param {Background | null | undefined} given  `facts.background`.
 * @param {HTMLInputElement | null} [box]  The page's own switch; without one the map gets one.
 */
export function background(map, given, box) {
  if (!given) return;
  const onMap = box || backgroundBox(map);
  const layers = backgroundLayers(given);
  const corner = backgroundCorner(map, given.attribution);
  const frame = map.getContainer();
  let waiting = 0;
  /** @param {boolean} seen @param {boolean} [trouble] */
  const tell = (seen, trouble = false) => {
    frame.classList.toggle('with-background', seen);
    corner.whose.hidden = !seen;
    corner.trouble.hidden = !trouble;
  };
  const [lowest] = layers;
  const isSeen = () => !!lowest.getContainer()?.querySelector('.leaflet-tile-loaded');
  const weigh = () => tell(isSeen(), !isSeen());
  lowest.on('loading', () => {
    clearTimeout(waiting);
    waiting = setTimeout(weigh, PATIENCE_MS);
  });
  lowest.on('tileload', () => tell(true));
  lowest.on('load', () => {
    clearTimeout(waiting);
    weigh();
  });
  const apply = () => {
    clearTimeout(waiting);
    tell(false);
    layers.forEach((layer) => (onMap.checked ? layer.addTo(map) : layer.remove()));
  };
  onMap.addEventListener('change', apply);
  apply();
}

/** @param {Background} given @returns {L.GridLayer[]}  The lowest first. */
function backgroundLayers(given) {
  const options = {
    minZoom: given.min_zoom,
    maxZoom: NEAREST_ZOOM,
    maxNativeZoom: given.max_zoom,
    attribution: '',
  };
  const made = given.layers.map((address) => {
    if (given.kind === 'raster') return pictures(address, options);
    if (given.kind === 'vector') return shapes(address, given);
    // A key may be bound to the address of our pages; no more than that is told.
    const more = /** @type {const} */ ({ referrerPolicy: 'strict-origin' });
    return L.tileLayer(address, { ...options, ...more, subdomains: given.subdomains || 'a' });
  });
  return given.datum === 'gcj02' ? made.map((layer) => shifted(layer)) : made;
}

/** Pictures out of one file. @param {string} address @param {L.GridLayerOptions} options */
function pictures(address, options) {
  const library = /** @type {{ pmtiles: { PMTiles: new (address: string) => Archive } }} */ (
    /** @type {unknown} */ (globalThis)
  );
  const archive = new library.pmtiles.PMTiles(address);
  class Pictures extends L.GridLayer {
    /** @param {L.Coords} at @param {L.DoneCallback} done */
    createTile(at, done) {
      const tile = document.createElement('img');
      tile.alt = '';
      const fail = () => done(new Error('no picture'), tile);
      tile.onerror = fail;
      tile.onload = () => {
        URL.revokeObjectURL(tile.src);
        done(undefined, tile);
      };
      archive.getZxy(at.z, at.x, at.y).then((found) => {
        if (found) tile.src = URL.createObjectURL(new Blob([found.data]));
        else done(undefined, tile);
      }, fail);
      return tile;
    }
  }
  return new Pictures(options);
}

/** Shapes out of one file, drawn in the style of Protomaps. @param {string} address @param {Background} given */
function shapes(address, given) {
  const library = /** @type {{ protomapsL: { leafletLayer(options: object): L.GridLayer } }} */ (
    /** @type {unknown} */ (globalThis)
  );
  return library.protomapsL.leafletLayer({
    url: address,
    flavor: 'light',
    lang: document.documentElement.lang.startsWith('zh') ? 'zh-Hans' : 'en',
    maxDataZoom: given.max_zoom,
    minZoom: given.min_zoom,
    maxZoom: NEAREST_ZOOM,
    attribution: '',
  });
}

/** Whose the tiles are, and what is wrong with them. @param {L.Map} map @param {string} attribution */
function backgroundCorner(map, attribution) {
  const whose = document.createElement('p');
  whose.textContent = attribution;
  const trouble = document.createElement('p');
  trouble.textContent = say('The background does not load. The map itself is complete.');
  const corner = document.createElement('div');
  corner.className = 'background-corner';
  corner.setAttribute('role', 'status');
  corner.append(trouble, whose);
  const control = new L.Control({ position: 'bottomright' });
  control.onAdd = () => corner;
  control.addTo(map);
  return { whose, trouble };
}

/** A switch on the map itself; the choice lasts as long as the tab. @param {L.Map} map */
function backgroundBox(map) {
  const box = document.createElement('input');
  box.type = 'checkbox';
  const label = document.createElement('label');
  label.className = 'check background-box';
  label.append(box, say('Background map'));
  L.DomEvent.disableClickPropagation(label);
  const control = new L.Control({ position: 'bottomleft' });
  control.onAdd = () => label;
  control.addTo(map);
  box.checked = sessionStorage.getItem(SHOWN_KEY) === 'on';
  box.addEventListener('change', () => sessionStorage.setItem(SHOWN_KEY, box.checked ? 'on' : 'off'));
  return box;
}
