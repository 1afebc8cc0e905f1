// The handles of a border's corners: squares to drag, or to move by arrow keys.
import { say } from '../words.js';
import { beside, snapped } from './tiling.js';

/**
 * @typedef {import('./tiling.js').Corner} Corner
 * @typedef {import('./tiling.js').Place} Place
 * @typedef {{ moving: (corner: Corner, to: Place) => void, dropped: (corner: Corner, to: Place) => void,
 *   back: () => void, label: (corner: Corner) => string }} Told
 */

/** Handles are as far apart as they are large, so that none takes another's press; a finger needs more room. */
const HANDLE_PX = matchMedia('(pointer: coarse)').matches ? 44 : 24;
/** Corners without room for a handle are dots, as long as they can be told apart. */
const DOT_PX = 5;
const STEP_M = 1;
const LONG_STEP_M = 10;
/** Which way a key moves: metres east and north. @type {Record<string, [number, number]>} */
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export class Handles {
  /** @param {L.Map} map @param {Told} told */
  constructor(map, told) {
    this.map = map;
    this.told = told;
    /** @type {Corner[]} */
    this.corners = [];
    /** @type {Map<string, L.Marker>} */
    this.markers = new Map();
    this.dots = L.layerGroup().addTo(map);
    /** The corner under the hand, which stays drawn whatever the map shows. */
    this.held = '';
    map.createPane('handles').style.zIndex = '655';
    map.on('zoomend moveend', () => this.draw());
  }

  /** Show these corners, as many as have room. @param {Corner[]} corners */
  show(corners) {
    for (const marker of this.markers.values()) marker.remove();
    this.markers.clear();
    this.held = '';
    this.corners = corners;
    this.draw();
  }

  /** How many corners that can be moved are in view, and how many of them have a handle. */
  count() {
    const seen = this.map.getBounds();
    const free = this.corners.filter(({ at, kind }) => kind !== 'fixed' && seen.contains([at[1], at[0]]));
    return { drawn: free.filter(({ key }) => this.markers.has(key)).length, inView: free.length };
  }

  /** Put the focus on a corner, if it is drawn. @param {string} key */
  focus(key) {
    const element = this.markers.get(key)?.getElement();
    if (element) element.focus({ preventScroll: true });
  }

  /** While the server is asked, nothing else moves. @param {boolean} busy */
  busy(busy) {
    this.map.getPane('handles')?.classList.toggle('busy', busy);
    for (const marker of this.markers.values()) {
      if (!marker.dragging) continue;
      if (busy) marker.dragging.disable();
      else marker.dragging.enable();
    }
  }

  /** Draw the corners in view: a handle where there is room, else a dot. */
  draw() {
    const view = this.map.getBounds().pad(0.05);
    const [handles, dots] = [new Room(HANDLE_PX), new Room(DOT_PX)];
    const order = [...this.corners].sort((a, b) => this.urgency(a) - this.urgency(b));
    const keys = new Set();
    this.dots.clearLayers();
    for (const corner of order) {
      const [lon, lat] = corner.at;
      if (corner.key !== this.held && !view.contains([lat, lon])) continue;
      const point = this.map.latLngToLayerPoint([lat, lon]);
      const free = corner.kind !== 'fixed';
      if (free && (handles.take(point) || corner.key === this.held)) {
        dots.take(point);
        keys.add(corner.key);
      } else if (dots.take(point)) this.dot(corner);
    }
    for (const [key, marker] of this.markers) {
      if (keys.has(key)) continue;
      marker.remove();
      this.markers.delete(key);
    }
    for (const corner of this.corners) {
      if (keys.has(corner.key) && !this.markers.has(corner.key)) this.add(corner);
    }
  }

  /** @param {Corner} corner */
  urgency(corner) {
    return corner.key === this.held ? 0 : 1;
  }

  /** A corner that does not move, or that has no room for a handle. @param {Corner} corner */
  dot({ at, kind }) {
    const icon = L.divIcon({ className: `dot-at ${kind}`, iconSize: [7, 7] });
    const options = { icon, pane: 'handles', interactive: false, keyboard: false };
    const element = L.marker([at[1], at[0]], options).addTo(this.dots).getElement();
    if (element) element.dataset.at = at.join(',');
  }

  /** @param {Corner} corner */
  add(corner) {
    const icon = L.divIcon({ className: `vx ${corner.kind}`, iconSize: [HANDLE_PX, HANDLE_PX] });
    const options = { icon, pane: 'handles', draggable: true, autoPan: true };
    const marker = L.marker([corner.at[1], corner.at[0]], options).addTo(this.map);
    this.markers.set(corner.key, marker);
    const element = /** @type {HTMLElement} */ (marker.getElement());
    element.dataset.at = corner.at.join(',');
    element.dataset.owners = corner.owners.join(' ');
    element.setAttribute('aria-label', this.told.label(corner));
    element.setAttribute('aria-describedby', 'redraw-keys');
    element.setAttribute('aria-roledescription', say('corner'));
    this.listen(marker, corner, element);
  }

  /** @param {L.Marker} marker @param {Corner} corner @param {HTMLElement} element */
  listen(marker, corner, element) {
    let moved = false;
    const home = () => {
      moved = false;
      this.held = '';
      marker.setLatLng([corner.at[1], corner.at[0]]);
      this.told.back();
    };
    const drop = () => {
      moved = false;
      this.told.dropped(corner, placeOf(marker));
    };
    marker.on('dragstart', () => {
      this.held = corner.key;
      element.focus({ preventScroll: true });
    });
    marker.on('drag', () => this.told.moving(corner, placeOf(marker)));
    marker.on('dragend', drop);
    element.addEventListener('blur', () => {
      if (moved) home();
    });
    element.addEventListener('keydown', (event) => {
      const way = KEYS[event.key];
      if (!way && event.key !== 'Enter' && event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      if (this.map.getPane('handles')?.classList.contains('busy')) return;
      if (way) {
        const step = event.shiftKey ? LONG_STEP_M : STEP_M;
        const to = beside(placeOf(marker), way[0] * step, way[1] * step);
        moved = true;
        this.held = corner.key;
        marker.setLatLng([to[1], to[0]]);
        this.told.moving(corner, to);
      } else if (moved && event.key === 'Enter') drop();
      else if (moved) home();
    });
  }

  /** Put a handle back where its corner is. @param {Corner} corner */
  putBack(corner) {
    this.held = '';
    this.markers.get(corner.key)?.setLatLng([corner.at[1], corner.at[0]]);
  }
}

/** @param {L.Marker} marker @returns {Place} */
function placeOf(marker) {
  const { lng, lat } = marker.getLatLng();
  return snapped([lng, lat]);
}

/** Points that keep a distance, found by squares of that size. */
class Room {
  /** @param {number} apart */
  constructor(apart) {
    this.apart = apart;
    /** @type {Map<string, L.Point[]>} */
    this.squares = new Map();
  }

  /** Take a place if nothing is too near. @param {L.Point} point */
  take(point) {
    const [x, y] = [Math.floor(point.x / this.apart), Math.floor(point.y / this.apart)];
    for (let i = x - 1; i <= x + 1; i++) {
      for (let j = y - 1; j <= y + 1; j++) {
        const near = this.squares.get(`${i},${j}`) || [];
        if (near.some((other) => other.distanceTo(point) < this.apart)) return false;
      }
    }
    const square = `${x},${y}`;
    this.squares.set(square, [...(this.squares.get(square) || []), point]);
    return true;
  }
}
