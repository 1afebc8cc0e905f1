// A boundary file: looked at first, its report beside the form and on the map; applied only when that is wanted.
import { number } from '../desk.js';
import { byId, el, fill } from '../work/dom.js';
import { uuid } from '../work/ids.js';
import { say } from '../words.js';
import { confirmed } from './dialog.js';
import { Marks } from './marks.js';
import { changes, done, written } from './report.js';
import { refusal, upload } from './server.js';

/** @typedef {import('./report.js').Report} Report */

const ADDRESS = '/api/boundaries';
const LOOK = 'incoming';

export class Importing {
  /** @param {L.Map} map @param {() => void} changed  Cells are not what they were. */
  constructor(map, changed) {
    this.map = map;
    this.changed = changed;
    this.form = /** @type {HTMLFormElement} */ (byId('import'));
    this.file = /** @type {HTMLInputElement} */ (byId('file'));
    this.section = byId('report');
    this.cells = L.layerGroup();
    this.marks = new Marks(map, 'data-problem');
    /** @type {Report | null} */
    this.report = null;
    /** @type {FormData | null} */
    this.sent = null;
    this.busy = false;
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.check();
    });
    this.form.addEventListener('change', () => this.stale());
    byId('level').addEventListener('change', () => this.parents());
    this.parents();
    this.drop();
  }

  /** Show or hide what lies on the map. @param {boolean} on */
  active(on) {
    this.on = on;
    if (on) this.picture();
    else {
      this.cells.remove();
      this.marks.hide();
    }
  }

  /** Offer the cells that those of the chosen level may lie in. */
  parents() {
    const level = /** @type {HTMLSelectElement} */ (byId('level')).value;
    const parent = /** @type {HTMLSelectElement} */ (byId('parent'));
    for (const option of parent.options) {
      const fits = !option.dataset.level || option.dataset.level === level;
      option.hidden = option.disabled = !fits;
      if (!fits && option.selected) parent.value = '';
    }
  }

  drop() {
    const zone = byId('drop');
    /** @param {boolean} over */
    const look = (over) => zone.classList.toggle('over', over);
    zone.addEventListener('dragover', (event) => {
      event.preventDefault();
      look(true);
    });
    zone.addEventListener('dragleave', () => look(false));
    zone.addEventListener('drop', (event) => {
      event.preventDefault();
      look(false);
      const files = event.dataTransfer?.files;
      if (!files || !files.length || this.busy) return;
      this.file.files = files;
      this.stale();
    });
  }

  /** What was said of the file or the options before is not true of these. */
  stale() {
    this.wrong('');
    this.report = null;
    this.section.hidden = true;
    fill(this.section);
    this.picture();
  }

  async check() {
    if (this.busy) return;
    if (!this.file.files?.length) {
      this.wrong(say('Choose a file first.'), this.file);
      return;
    }
    this.stale();
    this.sent = new FormData(this.form);
    const answer = await this.send(this.sent, say('Checking …'));
    if (answer.status !== 200) {
      this.failed(answer);
      return;
    }
    const report = /** @type {Report} */ (answer.body);
    this.report = report;
    fill(byId('fields-there'), ...report.fields.map((name) => el('option', { value: name })));
    written(this.section, report, { go: (i) => this.marks.go(i), apply: () => void this.apply() });
    this.picture();
    this.look();
    this.section.focus({ preventScroll: true });
    this.section.scrollIntoView({ block: 'start' });
  }

  async apply() {
    const { report, sent } = this;
    if (!report || !sent || this.busy) return;
    const counts = changes(report);
    const sure = await confirmed(
      say('Change the cells for everybody'),
      [
        el('p', {}, say('{new} cells begin and {changed} change, as of today.', counts)),
        el('p', { class: 'quiet' }, say('The versions before stay in the history. Reports that are open keep their cell.')),
      ],
      { act: say('Apply'), back: say('Back') },
    );
    if (!sure) return;
    sent.set('apply', 'true');
    sent.set('sha256', report.sha256);
    // The same id when it is sent again: what was done once is not done twice.
    if (!sent.has('op_id')) sent.set('op_id', uuid());
    const answer = await this.send(sent, say('Applying …'));
    if (answer.status !== 200) {
      this.failed(answer);
      return;
    }
    this.changed();
    const level = String(sent.get('level'));
    done(this.section, answer.body, `/plan?show=cells&level=${encodeURIComponent(level)}`);
    this.form.reset();
    this.parents();
    this.section.scrollIntoView({ block: 'start' });
    this.section.querySelector('a')?.focus({ preventScroll: true });
  }

  /** @param {FormData} form @param {string} working */
  async send(form, working) {
    const progress = byId('import-progress');
    const bar = /** @type {HTMLProgressElement} */ (progress.querySelector('progress'));
    const text = /** @type {HTMLElement} */ (progress.querySelector('span'));
    this.hold(true);
    bar.hidden = false;
    const answer = await upload(ADDRESS, form, (share) => {
      bar.value = share * 100;
      if (share === 1) bar.removeAttribute('value');
      text.textContent = share < 1 ? say('Sending: {percent} %', { percent: number(share * 100) }) : working;
    });
    bar.hidden = true;
    text.textContent = '';
    this.hold(false);
    return answer;
  }

  /** @param {boolean} busy */
  hold(busy) {
    this.busy = busy;
    for (const id of ['check', 'apply']) {
      const button = /** @type {HTMLButtonElement | null} */ (document.getElementById(id));
      if (button) button.disabled = busy;
    }
  }

  /** Say at the form what the server refused. @param {import('./server.js').Answer} answer */
  failed(answer) {
    const [title, detail] = refusal(answer);
    const field = answer.body?.errors?.[0]?.field || '';
    const input = this.form.elements.namedItem(field);
    this.wrong(`${title} ${detail}`, input instanceof HTMLElement ? input : null);
  }

  /** @param {string} sentence @param {HTMLElement | null} [input]  What it is about. */
  wrong(sentence, input = null) {
    const told = byId('import-wrong');
    /** @type {HTMLElement} */ (told.querySelector('span')).textContent = sentence;
    told.hidden = !sentence;
    for (const each of this.form.querySelectorAll('[aria-invalid]')) {
      each.removeAttribute('aria-invalid');
    }
    if (!input) return;
    input.closest('details')?.setAttribute('open', '');
    input.setAttribute('aria-invalid', 'true');
    input.focus();
  }

  /** Draw what would come in, and number the problems. */
  picture() {
    this.cells.clearLayers();
    this.marks.show([]);
    const { report } = this;
    byId('import-key').hidden = !report;
    byId('check').classList.toggle('main', !report?.accepted); // then applying is the next step
    if (!report || !this.on) return;
    this.cells.addTo(this.map);
    const features = report.cells.features.filter(({ geometry, properties }) => geometry && properties?.change !== 'unchanged');
    for (const under of [' under', '']) {
      const look = { className: `${LOOK}${under}`, pane: 'chosen', interactive: false, smoothFactor: 0 };
      const options = /** @type {L.GeoJSONOptions} */ ({ ...look, style: () => look });
      L.geoJSON(features, options).addTo(this.cells);
    }
    this.marks.show(
      report.problems.map(({ lon, lat, geometry }) =>
        lon === null || lat === null ? null : { at: [lat, lon], shape: geometry, look: report.accepted ? 'remark' : 'problem' },
      ),
    );
  }

  /** Move the map to what the file has. */
  look() {
    const bounds = L.latLngBounds([]);
    this.cells.eachLayer((layer) => bounds.extend(/** @type {L.GeoJSON} */ (layer).getBounds()));
    for (const mark of this.marks.marks) if (mark) bounds.extend(mark.at);
    if (bounds.isValid()) this.map.fitBounds(bounds, { padding: [40, 40], maxZoom: 18 });
  }
}
