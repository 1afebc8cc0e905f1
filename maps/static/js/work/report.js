// The form of a report. Everything typed is on the disk a moment later; faults stand at their field.
import { say } from '../words.js';
import { byId, el, fill, icon, notice } from './dom.js';
import { blank, file, forget, load, reopen, save, without } from './draft.js';
import { facts } from './facts.js';
import { clock, length } from './figures.js';
import { metres } from './geo.js';
import { ready, shown } from './photos.js';

/**
 * @typedef {import('./draft.js').Draft} Draft @typedef {import('./draft.js').Pin} Pin
 * @typedef {import('./photos.js').Shot} Shot @typedef {import('./geo.js').Spot} Spot
 * @typedef {import('./map.js').WorkMap} WorkMap @typedef {import('./position.js').Position} Position
 * @typedef {import('./sender.js').Sender} Sender @typedef {import('./store.js').Item} Item
 */

const MOST_PHOTOS = 9;
const QUIET_MS = 300;
const FIELDS = ['place', 'media', 'category', 'severity', 'text'];
/** Where the server's names for fields stand on this form. @type {Record<string, string>} */
const STANDS = { lon: 'place', lat: 'place', accuracy_m: 'place', geometry: 'place' };

export class ReportForm {
  /** @param {WorkMap} map @param {Position} position @param {Sender} sender @param {() => void} done */
  constructor(map, position, sender, done) {
    this.map = map;
    this.position = position;
    this.sender = sender;
    this.done = done;
    this.active = false;
    /** @type {Draft} */
    this.draft = blank(facts.account);
    /** @type {(Shot & { url: string })[]} */
    this.shots = [];
    /** @type {Promise<unknown>} */
    this.preparing = Promise.resolve();
    this.filing = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.form = /** @type {HTMLFormElement} */ (byId('form'));
    this.text = /** @type {HTMLTextAreaElement} */ (byId('text'));
    this.listen();
  }

  listen() {
    this.map.placed = (spot) => this.place({ spot, by: 'hand', accuracy: null });
    this.position.onChange(() => this.follow());
    this.form.addEventListener('submit', (event) => event.preventDefault());
    this.form.addEventListener('input', () => this.typed());
    for (const id of ['shoot', 'pick']) {
      const input = /** @type {HTMLInputElement} */ (byId(id));
      input.addEventListener('change', () => {
        const files = [...(input.files || [])];
        input.value = '';
        this.preparing = this.preparing.then(() => this.add(files));
      });
    }
    byId('pin-here').addEventListener('click', () => this.toPosition());
    byId('act-settled').addEventListener('click', () => this.file(true));
    byId('act-report').addEventListener('click', () => this.file(false));
    byId('draft-clear').addEventListener('click', () => this.clear());
  }

  /** Take up what was being written. */
  async load() {
    const { draft, shots } = await load(facts.account);
    for (const { url } of this.shots) URL.revokeObjectURL(url);
    this.draft = draft;
    this.shots = shots.map((shot) => ({ ...shot, url: shown(shot) }));
    this.text.value = draft.text;
    for (const input of this.form.querySelectorAll('input[type=radio]')) {
      const radio = /** @type {HTMLInputElement} */ (input);
      radio.checked = draft[/** @type {'category' | 'severity'} */ (radio.name)] === radio.value;
    }
    this.faults({});
    this.showShots();
    this.showKept();
  }

  enter() {
    this.active = true;
    this.follow();
    this.map.setPin(this.spot);
    this.map.go(this.spot);
    this.showPlace();
  }

  leave() {
    this.active = false;
    this.map.setPin(null);
  }

  /** Where the pin stands: where it was put, else where the phone is, else in the cell's middle. @returns {Spot} */
  get spot() {
    return this.draft.pin ? this.draft.pin.spot : facts.middle;
  }

  get touched() {
    return this.draft.begun > 0;
  }

  /** The pin goes with the phone until something is written: then the place is that of the thing seen. */
  follow() {
    byId('pin-here').toggleAttribute('disabled', this.position.blocked);
    const { fix } = this.position;
    if (!this.active) return;
    const { pin } = this.draft;
    if (fix && (!pin || (pin.by === 'position' && !this.touched))) {
      const near = !pin || metres(pin.spot, fix.spot) > 30;
      this.draft.pin = { spot: fix.spot, by: 'position', accuracy: fix.accuracy };
      this.map.setPin(fix.spot);
      if (near) this.map.go(fix.spot);
    }
    this.showPlace();
  }

  toPosition() {
    const { fix } = this.position;
    if (!fix) {
      this.fault('place', say('There is no position yet. Put the pin on the place by hand.'));
      return;
    }
    this.place({ spot: fix.spot, by: 'position', accuracy: fix.accuracy });
    this.map.go(fix.spot);
  }

  /** @param {Pin} pin */
  place(pin) {
    if (!this.active) return;
    this.draft.pin = pin;
    this.map.setPin(pin.spot);
    this.fault('place', '');
    this.begin();
    this.showPlace();
    this.later();
  }

  showPlace() {
    if (!this.active) return;
    const { pin } = this.draft;
    const { fix } = this.position;
    const [lon, lat] = this.spot;
    const { within, border } = this.map.where(this.spot);
    let where = say('No position: the pin stands in the middle of your cell. Move it to the place.');
    if (pin && pin.by === 'position' && pin.accuracy !== null)
      where = say('Where you are · ±{sure}', { sure: length(pin.accuracy) });
    else if (pin && fix) where = say('{far} from you', { far: length(metres(pin.spot, fix.spot)) });
    else if (pin) where = say('Set by hand');
    const outside = within
      ? null
      : el('b', {}, say('{far} outside your cell: it goes to who answers there', { far: length(border) }));
    const line = byId('place').lastElementChild;
    if (line)
      fill(line, where, outside, el('small', { class: 'num' }, `${lon.toFixed(5)}, ${lat.toFixed(5)}`));
  }

  begin() {
    if (!this.touched) this.draft.begun = Date.now();
  }

  typed() {
    const data = new FormData(this.form);
    this.draft.category = String(data.get('category') || '');
    this.draft.severity = String(data.get('severity') || 'ordinary');
    this.draft.text = this.text.value;
    if (this.draft.category) this.fault('category', '');
    if (this.draft.text.trim()) this.fault('text', '');
    this.begin();
    this.later();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(save(this.draft)), QUIET_MS);
  }

  /** @param {Promise<unknown>} write */
  async keep(write) {
    try {
      await write;
      this.showKept();
    } catch (error) {
      this.saveFault(error);
    }
  }

  showKept() {
    byId('draft-kept').textContent = this.touched ? say('Draft kept on this phone.') : '';
    byId('draft-clear').hidden = !this.touched;
    const note = this.draft.replaces
      ? notice(
          '',
          'note',
          say('You correct what the server could not take. Sent, it takes the place of the old one.'),
        )
      : null;
    fill(byId('draft-notes'), note);
  }

  /** @param {File[]} files */
  async add(files) {
    this.fault('media', '');
    for (const one of files) {
      if (this.shots.length >= MOST_PHOTOS) {
        this.fault('media', say('At most {n} photos.', { n: MOST_PHOTOS }));
        return;
      }
      const bone = el('li', { class: 'bone', 'aria-label': say('The photo is being made ready …') });
      byId('shots').prepend(bone);
      try {
        await this.take(await ready(one));
      } catch (error) {
        const full = error instanceof DOMException && error.name === 'QuotaExceededError';
        if (full) this.saveFault(error);
        else this.fault('media', say('The browser cannot read {name}. Take it as JPEG.', { name: one.name }));
      } finally {
        bone.remove();
      }
    }
  }

  /** @param {Shot} shot */
  async take(shot) {
    if (this.draft.shots.includes(shot.sha256)) return;
    this.draft.shots = [...this.draft.shots, shot.sha256];
    this.begin();
    await save(this.draft, shot);
    this.shots.push({ ...shot, url: shown(shot) });
    this.fault('text', '');
    this.showShots();
    this.showKept();
  }

  showShots() {
    const list = byId('shots');
    for (const old of list.querySelectorAll('.shot')) old.remove();
    const items = this.shots.map((shot, i) =>
      el(
        'li',
        { class: 'shot' },
        el('img', { src: shot.url, alt: say('Photo {n}', { n: i + 1 }) }),
        el(
          'button',
          {
            type: 'button',
            class: 'btn square',
            'aria-label': say('Take photo {n} away', { n: i + 1 }),
            onclick: () => this.remove(shot),
          },
          icon('close'),
        ),
      ),
    );
    list.prepend(...items);
  }

  /** @param {Shot & { url: string }} shot */
  async remove(shot) {
    this.shots = this.shots.filter((other) => other !== shot);
    this.draft.shots = this.shots.map(({ sha256 }) => sha256);
    URL.revokeObjectURL(shot.url);
    this.showShots();
    byId('shoot').focus();
    await this.keep(without(this.draft, shot.sha256));
  }

  async clear() {
    clearTimeout(this.timer);
    await forget(facts.account);
    await this.load();
    this.enter();
  }

  /** Take up again what the server refused; not over a draft that is not finished. @param {Item} item */
  async correct(item) {
    const other = this.touched && this.draft.replaces !== item.id;
    if (other) {
      fill(
        byId('draft-notes'),
        notice(
          'warn',
          'alert',
          say('Finish or clear this draft of {time} first; then correct the other one.', {
            time: clock(this.draft.begun),
          }),
        ),
      );
      return;
    }
    await reopen(item);
    await this.load();
    this.enter();
    /** @type {Record<string, string>} */
    const faults = {};
    for (const { field, message } of item.problem ? item.problem.errors : []) {
      const name = field.split('.').pop() || field;
      faults[STANDS[name] || name] = message;
    }
    this.faults(faults);
  }

  /** What is still missing, by field. @returns {Record<string, string>} */
  missing() {
    /** @type {Record<string, string>} */
    const found = {};
    if (!this.draft.pin) found.place = say('Put the pin on the place: drag it, or press on the map.');
    if (!this.draft.category) found.category = say('Choose a category.');
    if (!this.draft.text.trim() && !this.shots.length)
      found.text = say('Write what you see, or take a photo.');
    return found;
  }

  /** @param {boolean} settled */
  async file(settled) {
    if (this.filing) return;
    this.filing = true;
    try {
      await this.preparing;
      clearTimeout(this.timer);
      const missing = this.missing();
      this.faults(missing);
      const { pin } = this.draft;
      if (Object.keys(missing).length || !pin) {
        this.toFault();
        return;
      }
      await file({ ...this.draft, pin }, this.shots, settled);
    } catch (error) {
      this.saveFault(error);
      return;
    } finally {
      this.filing = false;
    }
    await this.load();
    this.done();
  }

  /** @param {Record<string, string>} faults */
  faults(faults) {
    for (const name of FIELDS) this.fault(name, faults[name] || '');
    byId('save-fault').hidden = true;
  }

  /** @param {string} name @param {string} words */
  fault(name, words) {
    const place = byId(`fault-${name}`);
    place.hidden = !words;
    place.textContent = words;
    if (name === 'text') this.text.setAttribute('aria-invalid', String(!!words));
  }

  /** Lead to the first fault. */
  toFault() {
    const first = FIELDS.map((name) => byId(`fault-${name}`)).find((place) => !place.hidden);
    if (!first) return;
    first.scrollIntoView({ block: 'center' });
    const field = first.closest('.field');
    const control = field && field.querySelector('input, textarea, button');
    if (control instanceof HTMLElement) control.focus({ preventScroll: true });
  }

  /** The phone could not keep it: nothing is lost as long as the page stays open. @param {unknown} error */
  saveFault(error) {
    const full = error instanceof DOMException && error.name === 'QuotaExceededError';
    const place = byId('save-fault');
    place.hidden = false;
    place.textContent = full
      ? say(
          'The phone’s memory is full, so nothing was kept. Do not close this page: make room, then press again.',
        )
      : say(
          'The phone could not keep it. Do not close this page; press again. In a private window nothing can be kept.',
        );
  }
}
