// Numbered marks on the map that lead to rows of a table, and back. A mark is seen however small its ground is.
import { all } from '../desk.js';

/**
 * @typedef {{ at: [number, number], shape?: GeoJSON.Geometry | null, look: string }} Mark
 *   Latitude, longitude; the class of its outline.
 */

const NEAREST_ZOOM = 19;

export class Marks {
  /** @param {L.Map} map @param {string} rows  The attribute of a row that has a mark's index. */
  constructor(map, rows) {
    this.map = map;
    this.rows = rows;
    /** @type {(Mark | null)[]} */
    this.marks = [];
    this.group = L.layerGroup();
    if (!map.getPane('marks')) map.createPane('marks').style.zIndex = '650';
  }

  /** Put these on the map in place of those before; null has no place. @param {(Mark | null)[]} marks */
  show(marks) {
    this.marks = marks;
    this.group.addTo(this.map).clearLayers();
    marks.forEach((mark, i) => {
      if (!mark) return;
      if (mark.shape) {
        const look = { className: `flaw ${mark.look}`, pane: 'chosen', interactive: false, smoothFactor: 0 };
        const options = /** @type {L.GeoJSONOptions} */ ({ ...look, style: () => look });
        L.geoJSON(mark.shape, options).addTo(this.group);
      }
      const icon = L.divIcon({ className: `mark-no ${mark.look}`, iconSize: [20, 20], html: String(i + 1) });
      const pin = L.marker(mark.at, { icon, pane: 'marks', keyboard: false }).addTo(this.group);
      pin.on('click', () => this.row(i));
    });
  }

  hide() {
    this.group.remove();
  }

  /** Go to a mark's ground. @param {number} i */
  go(i) {
    const mark = this.marks[i];
    if (!mark) return;
    const bounds = L.latLngBounds([mark.at]);
    if (mark.shape) bounds.extend(L.geoJSON(mark.shape).getBounds());
    this.map.fitBounds(bounds, { padding: [80, 80], maxZoom: NEAREST_ZOOM });
    this.row(i);
  }

  /** Lead to a mark's row. @param {number} i */
  row(i) {
    for (const row of all(`[${this.rows}]`)) {
      const chosen = row.getAttribute(this.rows) === String(i);
      row.classList.toggle('chosen', chosen);
      if (chosen) row.scrollIntoView({ block: 'nearest' });
    }
  }
}
