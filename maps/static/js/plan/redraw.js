// Moving a corner: a guess that follows the hand, one operation to the server, and the server's word in its place.
import { all, number } from '../desk.js';
import { byId, el, fill, notice } from '../work/dom.js';
import { uuid } from '../work/ids.js';
import { say } from '../words.js';
import { Exact } from './picture.js';
import { ask, refusal } from './server.js';
import { Tiling, keyOf } from './tiling.js';
import { Handles } from './vertices.js';

/**
 * @typedef {import('./tiling.js').Corner} Corner
 * @typedef {import('./tiling.js').Place} Place
 * @typedef {import('./tiling.js').Cell} Cell
 * @typedef {{ at: Place, to: Place, versions: Record<string, number> }} Move
 * @typedef {{ cell: Cell, gain: number }} Gain
 */

const HECTARE_M2 = 10_000;
const LITTLE_M2 = 1_000;
const MARGIN = 0.0003;
const NEAREST_ZOOM = 18;

export class Redraw {
  /**
   * @param {import('../map.js').GridMap} grid @param {Record<string, string>} levels  Their names.
   * @param {(code: string) => L.LatLngBounds | null} bounds  About where a cell lies.
   * @param {{ picked: (code: string) => void, changed: () => void }} told
   */
  constructor(grid, levels, bounds, told) {
    this.grid = grid;
    this.levels = levels;
    this.bounds = bounds;
    this.told = told;
    this.tiling = new Tiling();
    this.exact = new Exact(grid, this.tiling, (code) => void this.pick(code));
    /** @type {Handles} */
    this.handles = new Handles(grid.map, {
      moving: (corner, to) => this.preview(corner, to),
      dropped: (corner, to) => void this.send(corner, to),
      back: () => this.putBack(),
      label: (corner) => this.label(corner),
    });
    this.code = '';
    this.asked = 0;
    /** @type {Move[]} */
    this.undos = [];
    /** @type {Move[]} */
    this.redos = [];
    /** @type {{ corner: Corner, rings: Map<string, Place[][]> } | null} */
    this.held = null;
    /** @type {L.Tooltip | null} */
    this.sign = null;
    byId('undo').addEventListener('click', () => void this.step(this.undos, this.redos));
    byId('redo').addEventListener('click', () => void this.step(this.redos, this.undos));
    grid.map.on('moveend zoomend', () => this.tell());
  }

  /** Show or hide everything of this tool. @param {boolean} on */
  active(on) {
    this.on = on;
    if (on && this.code) this.draw();
    if (on) return;
    this.forget();
    this.handles.show([]);
    this.exact.remove();
  }

  /** Choose a cell: get the borders around it exactly, and show its corners. @param {string} code @param {{ look?: boolean }} [how] */
  async pick(code, { look = true } = {}) {
    this.forget();
    this.code = code;
    this.told.picked(code);
    const ok = await this.load(code);
    if (!ok || this.code !== code) return;
    const around = this.around(code);
    if (look && around) this.grid.map.fitBounds(around, { padding: [48, 48], maxZoom: NEAREST_ZOOM, animate: false });
    this.draw();
  }

  /** Get the cells around one, of every level. @param {string} code @returns {Promise<boolean>} */
  async load(code) {
    const bounds = this.bounds(code);
    if (!bounds) return false;
    const turn = ++this.asked;
    fill(byId('picked'), el('p', { class: 'bones' }, say('Loading the exact borders …')));
    byId('picked').hidden = false;
    const { _southWest: sw, _northEast: ne } = /** @type {any} */ (bounds);
    const box = [sw.lng - MARGIN, sw.lat - MARGIN, ne.lng + MARGIN, ne.lat + MARGIN].join(',');
    const answer = await ask(`/api/cells?bbox=${box}`);
    if (turn !== this.asked) return false;
    if (answer.status !== 200) {
      const [title, detail] = refusal(answer);
      byId('picked').hidden = true;
      this.refuse(title, detail, null, [[say('Try again'), () => void this.pick(code)]]);
      return false;
    }
    this.tiling.put(answer.body);
    return true;
  }

  /** Where a cell lies whose exact borders are known. @param {string} code @returns {L.LatLngBounds | null} */
  around(code) {
    const cell = this.tiling.cells.get(code);
    return cell ? L.latLngBounds(cell.rings.flat().map(([lon, lat]) => /** @type {[number, number]} */ ([lat, lon]))) : null;
  }

  draw() {
    if (!this.on) return;
    this.exact.draw(this.code);
    this.handles.show(this.tiling.corners(this.code));
    this.tell();
  }

  /** Say what is chosen, and how many of its corners have room. */
  tell() {
    const cell = this.tiling.cells.get(this.code);
    if (!this.on || !cell) return;
    const { corners } = this.handles;
    const { drawn, inView } = this.handles.count();
    /** @param {string} kind */
    const count = (kind) => corners.filter((corner) => corner.kind === kind).length;
    const counts = { n: corners.length, free: count('free'), joint: count('joint'), fixed: count('fixed') };
    fill(
      byId('picked'),
      el('h2', {}, cell.name),
      el('p', { class: 'quiet small' }, `${this.levels[cell.level]} · ${cell.code}`),
      el('p', {}, say('{area} ha', { area: number(cell.area / HECTARE_M2, 2) })),
      el('p', { class: 'small' }, say('{n} corners: {free} within a village, {joint} on a village’s border, {fixed} on the outer border.', counts)),
      drawn < inView && el('p', { class: 'small quiet' }, say('{drawn} of the {inView} in view are shown; zoom in to see the others.', { drawn, inView })),
    );
    byId('picked').hidden = false;
  }

  /** @param {Corner} corner @returns {string} */
  label(corner) {
    const i = this.handles.corners.indexOf(corner) + 1;
    const cells = this.named(corner.owners.map((code) => /** @type {Cell} */ (this.tiling.cells.get(code))));
    return say('Corner {i} of {n}, shared by {cells}', { i, n: this.handles.corners.length, cells: cells.join(', ') });
  }

  /** Names of cells; of units of one village without the village's. @param {Cell[]} cells */
  named(cells) {
    const leaves = cells.filter((cell) => cell.level === 'unit');
    const village = this.tiling.cells.get(leaves[0]?.parent || '');
    const one = village && leaves.every((leaf) => leaf.parent === village.code);
    return cells.map((cell) => {
      const short = one && cell.level === 'unit' && cell.name.startsWith(village.name);
      return (short && cell.name.slice(village.name.length).trim()) || cell.name;
    });
  }

  /** @param {Corner} corner @param {Place} to */
  preview(corner, to) {
    if (!this.held || this.held.corner !== corner) {
      this.forget();
      const rings = new Map(this.tiling.owners(corner.key).map((cell) => [cell.code, cell.rings]));
      this.held = { corner, rings };
      this.exact.settle(corner);
    }
    this.restore();
    this.gains(this.tiling.gains(corner, to), say('Not saved yet'));
    this.tiling.move(corner.at, to);
    this.exact.follow(corner, to);
  }

  /** Take the guess back from the borders. */
  restore() {
    if (!this.held) return;
    for (const [code, rings] of this.held.rings) {
      const cell = this.tiling.cells.get(code);
      if (cell) cell.rings = rings;
    }
    this.tiling.index = null;
  }

  putBack() {
    if (!this.held) return;
    const { corner } = this.held;
    this.restore();
    this.held = null;
    this.exact.refill(corner.owners);
    this.exact.settle();
    this.handles.putBack(corner);
    byId('moves').hidden = true;
  }

  /** Leave what is moved but not sent, and what was said about the last move. */
  forget() {
    this.putBack();
    this.sign?.remove();
    this.sign = null;
    fill(byId('refused'));
  }

  /** Write what each cell gains, and under which head. @param {Gain[]} gains @param {string} state */
  gains(gains, state) {
    const changing = gains.filter(({ cell, gain }) => cell.level === 'unit' || Math.abs(gain) >= 0.5);
    const names = this.named(changing.map(({ cell }) => cell));
    const lines = changing.map(({ gain }, i) =>
      el('li', {}, el('span', {}, names[i]), ' ', el('span', { class: 'n' }, amount(gain))),
    );
    const list = byId('moves').querySelector('ul');
    if (list) fill(list, ...lines, el('li', { class: 'state' }, state));
    byId('moves').hidden = false;
  }

  /** @param {Corner} corner @param {Place} to */
  async send(corner, to) {
    if (keyOf(to) === corner.key) {
      this.putBack();
      return;
    }
    const versions = Object.fromEntries(
      corner.owners.map((code) => [code, /** @type {Cell} */ (this.tiling.cells.get(code)).version]),
    );
    await this.operate({ at: corner.at, to, versions }, uuid(), {
      done: (undo) => {
        this.undos.push(undo);
        this.redos = [];
        this.handles.focus(keyOf(undo.at));
      },
    });
  }

  /** Take the last move back, or do it again. @param {Move[]} from @param {Move[]} onto */
  async step(from, onto) {
    const move = from[from.length - 1];
    if (!move || this.busy) return;
    this.forget();
    await this.operate(move, uuid(), {
      done: (reverse) => {
        from.pop();
        onto.push(reverse);
      },
      late: () => {
        from.length = 0; // what somebody changed meanwhile is not taken back
      },
    });
  }

  /**
   * Send one operation. Nothing counts but what the server confirms.
   * @param {Move} move @param {string} id
   * @param {{ done: (reverse: Move) => void, late?: () => void }} then  Confirmed, or somebody else was first.
   */
  async operate(move, id, then) {
    this.busy = true;
    this.handles.busy(true);
    fill(byId('saved'), say('Saving …'));
    const answer = await ask('/api/redraw/vertex', { op_id: id, ...move });
    this.busy = false;
    this.handles.busy(false);
    this.putBack();
    if (answer.status === 200) {
      this.confirmed(answer.body.changed);
      then.done(answer.body.undo);
    } else if (answer.status === 0 || answer.status >= 500) this.unknown(move, id, then, refusal(answer)[0]);
    else await this.refused(move, answer, then);
    this.stacks();
  }

  /** @param {Move} move @param {import('./server.js').Answer} answer @param {{ late?: () => void }} then */
  async refused(move, answer, then) {
    const [title, detail] = refusal(answer);
    const named = answer.body?.errors?.find((/** @type {any} */ error) => 'lon' in error);
    if (answer.status === 409) {
      if (then.late) then.late();
      if (await this.load(this.code)) this.draw();
    }
    this.refuse(title, detail, named ? [named.lon, named.lat] : move.to);
  }

  /** The server's word in place of the guess. @param {GeoJSON.FeatureCollection} changed */
  confirmed(changed) {
    const before = new Map([...this.tiling.cells].map(([code, cell]) => [code, cell.area]));
    this.tiling.put(changed);
    this.told.changed();
    /** @type {Gain[]} */
    const gains = [];
    for (const { properties } of changed.features) {
      const cell = this.tiling.cells.get(properties?.cell);
      if (!cell) continue;
      gains.push({ cell, gain: cell.area - (before.get(cell.code) ?? cell.area) });
      for (const move of [...this.undos, ...this.redos]) {
        if (cell.code in move.versions) move.versions[cell.code] = cell.version;
      }
      for (const figure of all(`[data-area="${cell.code}"]`)) {
        figure.textContent = number(cell.area / HECTARE_M2, 1);
      }
    }
    this.draw();
    this.gains(gains, say('Saved on the server'));
  }

  /**
   * Nobody answered: it may be saved or not. The same operation can be sent again.
   * @param {Move} move @param {string} id @param {{ done: (reverse: Move) => void }} then @param {string} title
   */
  unknown(move, id, then, title) {
    const again = () => {
      this.forget();
      void this.operate(move, id, then);
    };
    const detail = say('It is not known whether the move was saved. Sending it again does it once, not twice.');
    this.refuse(title, detail, move.to, [
      [say('Send again'), again],
      [say('Load the borders again'), () => void this.pick(this.code, { look: false })],
    ]);
  }

  /**
   * Say at the place, and in the panel, why nothing was changed.
   * @param {string} title @param {string} detail @param {Place | null} place @param {[string, () => void][]} [ways]
   */
  refuse(title, detail, place, ways = []) {
    const buttons = ways.map(([text, act]) => el('button', { type: 'button', class: 'btn', onclick: act }, text));
    const told = el('p', {}, el('b', {}, title), ' ', detail);
    fill(byId('refused'), notice('bad', 'alert', told, ...(buttons.length ? [el('p', { class: 'acts' }, ...buttons)] : [])));
    if (!place) return;
    const text = el('div', { class: 'tip' }, el('b', {}, title), el('span', {}, detail));
    this.sign = L.tooltip({ permanent: true, direction: 'top', offset: [0, -8], opacity: 1, className: 'refusal' })
      .setLatLng([place[1], place[0]])
      .setContent(text)
      .addTo(this.grid.map);
  }

  stacks() {
    /** @type {HTMLButtonElement} */ (byId('undo')).disabled = !this.undos.length;
    /** @type {HTMLButtonElement} */ (byId('redo')).disabled = !this.redos.length;
    fill(byId('saved'), this.undos.length ? say('{n} moves saved', { n: this.undos.length }) : '');
  }
}

/** A gain in words: hectares, or square metres where it is little. @param {number} gain */
function amount(gain) {
  if (Math.abs(gain) < LITTLE_M2) return say('{n} m²', { n: number(gain, 0, true) });
  return say('{n} ha', { n: number(gain / HECTARE_M2, 2, true) });
}
