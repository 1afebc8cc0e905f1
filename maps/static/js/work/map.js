// The map of the page: the own cell, where the phone is, the walk, and the pin of a report.
import { background } from '../background.js';
import { GroundNames } from '../ground.js';
import { say } from '../words.js';
import { icon as drawn } from './dom.js';
import { facts } from './facts.js';
import { inside, moved, toBorder } from './geo.js';

/** @typedef {import('./geo.js').Spot} Spot @typedef {import('./position.js').Fix} Fix */
/** @typedef {{ map: L.Map, cells: L.GeoJSON }} Drawn */

const NEAR_ZOOM = 17;
const HOUSES_ZOOM = 14;
const STEP_M = 2;
const LEAP_M = 20;
const BAR_PX = 64;
/** @type {Record<string, [number, number]>} */
const KEYS = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/** @param {Spot} spot @returns {L.LatLngTuple} */
const latLng = ([lon, lat]) => [lat, lon];

export class WorkMap {
  /** @param {Drawn} folium */
  constructor(folium) {
    this.map = folium.map;
    this.cells = folium.cells;
    const shapes = /** @type {GeoJSON.FeatureCollection} */ (folium.cells.toGeoJSON());
    /** @type {import('./geo.js').Areas} */
    this.areas = shapes.features.flatMap(({ geometry }) => {
      if (geometry.type === 'Polygon') return [geometry.coordinates];
      return geometry.type === 'MultiPolygon' ? geometry.coordinates : [];
    });
    this.map.createPane('me').style.zIndex = '610';
    L.control.scale({ imperial: false, position: 'topleft' }).addTo(this.map);
    background(this.map, facts.background || null);
    new GroundNames(this.map, facts.ground);
    this.me = L.layerGroup().addTo(this.map);
    this.walk = L.layerGroup().addTo(this.map);
    this.arrived = L.layerGroup().addTo(this.map);
    /** @type {L.Marker | null} */
    this.pin = null;
    /** @type {(spot: Spot) => void} */
    this.placed = () => undefined;
    const container = this.map.getContainer();
    container.setAttribute('role', 'group');
    container.setAttribute('aria-label', say('Map of my cell'));
    this.map.on('zoomend', () => this.zoomed());
    this.map.on('click', (event) => this.pressed(event));
    new ResizeObserver(() => this.seen() && this.map.invalidateSize({ animate: false })).observe(container);
    this.zoomed();
  }

  /** Whether the view has the map: one without a size has no scale to fit to. */
  seen() {
    return this.map.getContainer().offsetHeight > 0;
  }

  zoomed() {
    this.map.getContainer().classList.toggle('near', this.map.getZoom() >= HOUSES_ZOOM);
  }

  /** Show the whole cell, above what stands at the map's foot. */
  fit() {
    if (!this.seen()) return;
    this.map.invalidateSize({ animate: false, pan: false });
    this.map.fitBounds(this.cells.getBounds(), {
      paddingTopLeft: [20, 20],
      paddingBottomRight: [20, BAR_PX],
      animate: false,
    });
  }

  /** Show a place from near by, in what the foot leaves free. @param {Spot} spot */
  go(spot) {
    if (!this.seen()) return;
    this.map.invalidateSize({ animate: false, pan: false });
    const zoom = Math.max(this.map.getZoom(), NEAR_ZOOM);
    const middle = this.map.project(latLng(spot), zoom).add([0, BAR_PX / 2]);
    this.map.setView(this.map.unproject(middle, zoom), zoom, { animate: false });
  }

  /** Show where the phone is, and how sure it is of that. @param {Fix | null} fix */
  here(fix) {
    this.me.clearLayers();
    if (!fix) return;
    const still = { pane: 'me', interactive: false };
    const at = latLng(fix.spot);
    L.circle(at, { ...still, radius: fix.accuracy, className: 'sure' }).addTo(this.me);
    L.circleMarker(at, { ...still, radius: 8, className: 'me' }).addTo(this.me);
  }

  /** Draw what was walked: of this patrol, or what has arrived of the day. @param {'walk' | 'arrived'} which @param {Spot[][]} lines */
  draw(which, lines) {
    this[which].clearLayers();
    for (const className of ['own-track casing', 'own-track']) {
      const look = { className, pane: 'tracks', interactive: false, smoothFactor: 0.5 };
      const drawnLines = lines.filter((line) => line.length > 1).map((line) => line.map(latLng));
      if (drawnLines.length) L.polyline(drawnLines, look).addTo(this[which]);
    }
  }

  /** Whether a place lies in the own cell, and how far from its border. @param {Spot} spot @returns {{ within: boolean, border: number }} */
  where(spot) {
    return { within: inside(this.areas, spot), border: toBorder(this.areas, spot) };
  }

  /** Put the pin there, or away. @param {Spot | null} spot */
  setPin(spot) {
    if (!spot) {
      if (this.pin) this.pin.remove();
      this.pin = null;
      return;
    }
    if (this.pin) {
      this.pin.setLatLng(latLng(spot));
      return;
    }
    const html = /** @type {any} */ (drawn('pin'));
    const icon = L.divIcon({ className: 'report-pin', iconSize: [44, 44], iconAnchor: [22, 41], html });
    const pin = L.marker(latLng(spot), { icon, draggable: true, autoPan: true, keyboard: true });
    pin.addTo(this.map);
    pin.on('drag', () => this.placed(spotOf(pin.getLatLng())));
    const element = pin.getElement();
    if (element) {
      element.setAttribute('aria-label', say('Pin of the report: the arrow keys move it'));
      element.addEventListener('keydown', (event) => this.key(event, pin));
    }
    this.pin = pin;
  }

  /** @param {L.LeafletMouseEvent} event */
  pressed(event) {
    if (!this.pin) return;
    this.pin.setLatLng(event.latlng);
    this.placed(spotOf(event.latlng));
  }

  /** @param {KeyboardEvent} event @param {L.Marker} pin */
  key(event, pin) {
    const way = KEYS[event.key];
    if (!way) return;
    event.preventDefault();
    event.stopPropagation(); // the map would move too
    const far = event.shiftKey ? LEAP_M : STEP_M;
    const spot = moved(spotOf(pin.getLatLng()), way[0] * far, way[1] * far);
    pin.setLatLng(latLng(spot));
    this.map.panInside(latLng(spot), { padding: [40, BAR_PX + 40] });
    this.placed(spot);
  }
}

/** @param {L.LatLng} place @returns {Spot} */
function spotOf({ lng, lat }) {
  return [Math.round(lng * 1e7) / 1e7, Math.round(lat * 1e7) / 1e7];
}
