// The planner's page: cells, their defects, who holds them; boundary files, and borders redrawn.
import { background } from './background.js';
import { all, overlays, panels, tools } from './desk.js';
import { finder } from './find.js';
import { GroundNames } from './ground.js';
import { GridMap } from './map.js';
import { Marks } from './plan/marks.js';
import { Redraw } from './plan/redraw.js';
import { Importing } from './plan/upload.js';
import { sortable } from './table.js';

/**
 * @typedef {import('./map.js').CellFacts & { up: string[] }} Cell  `up`: its code, and those above it.
 * @typedef {{ kind: string, cells: string[], at: [number, number], shape: GeoJSON.Geometry | null }} Defect
 * @typedef {import('./map.js').Facts & { cells: Cell[], defects: Defect[], place: string,
 *   levels: Record<string, string> }} Facts
 */

const facts = /** @type {Facts} */ (JSON.parse(document.getElementById('facts')?.textContent || '{}'));
const drawn = /** @type {{ wangge: import('./map.js').Drawn }} */ (/** @type {unknown} */ (globalThis)).wangge;

class Plan {
  constructor() {
    this.tool = '';
    /** Cells were changed: the page's own figures and pictures are of before. */
    this.old = false;
    this.grid = new GridMap(drawn, facts);
    const { map } = this.grid;
    new GroundNames(map, facts.ground);
    background(map, facts.background, document.querySelector('[data-overlay][value="background"]'));
    this.flaws = new Marks(map, 'data-defect');
    this.importing = new Importing(map, () => this.changed());
    /** @type {Redraw} */
    this.redraw = new Redraw(this.grid, facts.levels, (code) => this.bounds(code), {
      picked: (code) => this.picked(code),
      changed: () => this.changed(),
    });
    tools(map, () => this.grid.fit(legend()));
    overlays(/** @type {Element} */ (document.querySelector('.map')), (name, on) => {
      if (name === 'names' && on) this.grid.thinNames();
    });
    this.links();
    this.rows();
    this.keys();
  }

  start() {
    this.show(facts.ask);
    this.grid.fit(legend());
    const container = this.grid.map.getContainer();
    let width = container.offsetWidth;
    new ResizeObserver(() => {
      // A phone's address bar comes and goes; only another width is another page.
      if (container.offsetWidth !== width) this.grid.fit(legend());
      width = container.offsetWidth;
    }).observe(container);
    const picked = facts.chosen || (facts.drilled ? facts.place : '');
    if (this.tool === 'redraw' && picked) void this.redraw.pick(picked);
  }

  /** @param {string} tool */
  show(tool) {
    this.tool = tool;
    panels(tool);
    this.keep('show', tool);
    document.querySelector('.map')?.setAttribute('data-show', tool);
    this.grid.show(tool);
    this.importing.active(tool === 'import');
    this.redraw.active(tool === 'redraw');
    if (tool === 'defects') {
      this.flaws.show(facts.defects.map(({ at, shape, kind }) => ({ at, shape, look: kind })));
    } else this.flaws.hide();
    this.still();
  }

  /** Carry something along in the address and in every link that keeps the view. @param {string} name @param {string} value */
  keep(name, value) {
    const here = new URL(location.href);
    here.searchParams.set(name, value);
    history.replaceState(null, '', here);
    for (const link of /** @type {HTMLAnchorElement[]} */ (all('a[data-keep]'))) {
      const url = new URL(link.href);
      const next = url.searchParams.get('next');
      if (next !== null) url.searchParams.set('next', here.pathname + here.search);
      else if (name === 'show') url.searchParams.set(name, value);
      link.href = url.href;
    }
    for (const link of /** @type {HTMLAnchorElement[]} */ (all('a[data-ask]'))) {
      const url = new URL(link.href);
      if (name !== 'show') url.searchParams.set(name, value);
      link.href = url.href;
    }
  }

  /** After a change the other panels come from the server again. */
  changed() {
    this.old = true;
  }

  links() {
    for (const link of all('[data-ask]')) {
      link.addEventListener('click', (event) => {
        const mouse = /** @type {MouseEvent} */ (event);
        if (this.old || mouse.ctrlKey || mouse.metaKey || mouse.shiftKey) return;
        event.preventDefault();
        this.show(link.getAttribute('data-ask') || '');
      });
    }
    for (const table of /** @type {HTMLTableElement[]} */ (all('table'))) sortable(table);
    for (const button of all('[data-go]')) {
      button.addEventListener('click', () => this.flaws.go(Number(button.getAttribute('data-go'))));
    }
    for (const button of all('[data-pick]')) {
      button.addEventListener('click', () => void this.redraw.pick(button.getAttribute('data-pick') || ''));
    }
    const find = /** @type {HTMLFormElement | null} */ (document.querySelector('form[data-find]'));
    if (find) finder(find, this.grid.map);
  }

  /** A row shows its place on the map; a place shows its row. */
  rows() {
    for (const row of all('tr[data-cell]')) {
      const code = row.getAttribute('data-cell') || '';
      const light = () => this.light(code);
      row.addEventListener('mouseenter', light);
      row.addEventListener('focusin', light);
      row.addEventListener('mouseleave', () => this.still());
      row.addEventListener('focusout', () => this.still());
    }
    this.grid.paths.forEach((path, i) => {
      const cell = /** @type {Cell} */ (facts.cells[i]);
      path.on('mouseover', () => this.lit(cell));
      path.on('mouseout', () => this.lit(null));
    });
    this.grid.onPress((cell) => this.press(/** @type {Cell} */ (cell)));
  }

  /** Draw a line around a cell. @param {string} code */
  light(code) {
    if (this.tool === 'redraw' && this.redraw.code) return;
    this.grid.choose((cell) => /** @type {Cell} */ (cell).up.includes(code));
  }

  /** The line that stays: around the place, or the cell that was asked for. */
  still() {
    if (this.tool === 'redraw') this.grid.choose(() => false);
    else if (facts.chosen) this.light(facts.chosen);
    else this.grid.choose((cell) => facts.drilled && cell.inside);
  }

  /** Mark the rows of the cell under the pointer. @param {Cell | null} cell */
  lit(cell) {
    for (const row of all('tr[data-cell].lit')) row.classList.remove('lit');
    if (cell) for (const row of this.rowsOf(cell)) row.classList.add('lit');
  }

  /** The rows of a cell in the panel that is shown, else of the nearest one above it. @param {Cell} cell @returns {HTMLElement[]} */
  rowsOf(cell) {
    const shown = `[data-panel="${this.tool}"]:not([hidden]) tr`;
    for (const code of cell.up) {
      const found = all(`${shown}[data-cell="${code}"]`);
      if (found.length) return /** @type {HTMLElement[]} */ (found);
    }
    return [];
  }

  /** @param {Cell} cell */
  press(cell) {
    if (this.tool === 'redraw') {
      const within = cell.up.includes(this.redraw.code);
      void this.redraw.pick(within || !cell.row ? cell.code : cell.row);
      return;
    }
    const [row, ...more] = this.rowsOf(cell);
    if (!row) return;
    const link = /** @type {HTMLAnchorElement | null} */ (row.querySelector('a[data-keep]'));
    if (link && cell.inside) {
      link.click();
      return;
    }
    for (const other of all('tr.chosen')) other.classList.remove('chosen');
    for (const each of [row, ...more]) each.classList.add('chosen');
    row.scrollIntoView({ block: 'nearest' });
  }

  /** A cell's corners are shown: its row, and the address. @param {string} code */
  picked(code) {
    this.keep('cell', code);
    for (const row of all('[data-panel="redraw"] tr[data-cell]')) {
      row.classList.toggle('chosen', row.getAttribute('data-cell') === code);
    }
    this.grid.choose(() => false);
  }

  /** About where a cell lies, as the map has it. @param {string} code @returns {L.LatLngBounds | null} */
  bounds(code) {
    const bounds = L.latLngBounds([]);
    this.grid.paths.forEach((path, i) => {
      if (facts.cells[i].code === code || /** @type {Cell} */ (facts.cells[i]).up.includes(code)) {
        bounds.extend(path.getBounds());
      }
    });
    return bounds.isValid() ? bounds : this.redraw.around(code);
  }

  /** Undo and redo by their usual keys. */
  keys() {
    document.addEventListener('keydown', (event) => {
      const target = /** @type {HTMLElement} */ (event.target);
      if (this.tool !== 'redraw' || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) return;
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'z') return;
      event.preventDefault();
      document.getElementById(event.shiftKey ? 'redo' : 'undo')?.click();
    });
  }
}

/** @returns {HTMLElement | null} */
function legend() {
  return document.querySelector('.legend:not([hidden])');
}

if (drawn && facts.cells) new Plan().start();
