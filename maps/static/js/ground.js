// Names of the ground: hamlets, places, water and roads, small and quiet, where there is room.

/** @typedef {[kind: string, name: string, lat: number, lon: number]} GroundName */

/** The order in which names take their room, and the zoom from which each is there. @type {Record<string, number>} */
const GROUND_ZOOMS = { hamlet: 14.5, water: 13.5, road: 14, rail: 14.5, wood: 14, place: 16 };
const GROUND_PX = 11;
const GROUND_GAP_PX = 5;

export class GroundNames {
  /** @param {L.Map} map @param {GroundName[]} names */
  constructor(map, names) {
    this.map = map;
    const order = Object.keys(GROUND_ZOOMS);
    this.names = [...names].sort((a, b) => order.indexOf(a[0]) - order.indexOf(b[0]));
    /** Boxes of the names of cells, in layer points. @type {[number, number, number, number][]} */
    this.taken = [];
    this.written = L.layerGroup().addTo(map);
    map.createPane('ground').style.zIndex = '635';
    map.on('named', (event) => {
      this.taken = /** @type {any} */ (event).taken;
      this.write();
    });
    map.on('moveend', () => this.write());
  }

  write() {
    this.written.clearLayers();
    const zoom = this.map.getZoom();
    const bounds = this.map.getBounds();
    const taken = [...this.taken];
    for (const [kind, name, lat, lon] of this.names) {
      if (zoom < (GROUND_ZOOMS[kind] || 0) || !bounds.contains([lat, lon])) continue;
      const { x, y } = this.map.latLngToLayerPoint([lat, lon]);
      const w = (groundWidth(name) * GROUND_PX) / 2 + GROUND_GAP_PX;
      const h = GROUND_PX / 2 + GROUND_GAP_PX;
      if (taken.some(([a, b, c, d]) => x + w > a && x - w < c && y + h > b && y - h < d)) continue;
      taken.push([x - w, y - h, x + w, y + h]);
      this.one(kind, name, [lat, lon]);
    }
  }

  /** @param {string} kind @param {string} name @param {[number, number]} at */
  one(kind, name, at) {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    const text = document.createElementNS('http://www.w3.org/2000/svg', 'text');
    text.textContent = name;
    text.setAttribute('y', '4');
    svg.append(text);
    const icon = L.divIcon({
      className: `name ground-name ${kind}`,
      iconSize: [0, 0],
      html: /** @type {any} */ (svg),
    });
    const options = { icon, pane: 'ground', interactive: false, keyboard: false };
    L.marker(at, options).addTo(this.written);
  }
}

/** @param {string} text */
function groundWidth(text) {
  let ems = 0;
  for (const char of text) ems += /** @type {number} */ (char.codePointAt(0)) > 0x2e7f ? 1 : 0.58;
  return ems;
}
