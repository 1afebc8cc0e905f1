// Home: where I am in words, what this browser refuses and what to do, and today's patrol.
import { say } from '../words.js';
import { Awake } from './awake.js';
import { byId, el, fill, icon, notice } from './dom.js';
import { clock, isoDay, length, minutes, stopwatch } from './figures.js';
import { facts } from './facts.js';
import { read } from './server.js';
import { get, keep } from './store.js';
import { distance, gaps, lines } from './walk.js';

/**
 * @typedef {import('./map.js').WorkMap} WorkMap @typedef {import('./position.js').Position} Position
 * @typedef {import('./patrol.js').Walk} Walk
 */

const OLD_MS = 60_000;

/** Where the phone is, in words. @param {Position} position @param {WorkMap} map @returns {string} */
export function positionWords({ fix, trouble }, map) {
  if (trouble === 'insecure') return say('No position: this address is not https');
  if (trouble === 'unsupported') return say('This browser knows no positions');
  if (trouble === 'refused') return say('The browser may not tell your position');
  if (!fix)
    return trouble
      ? say('No position at the moment; outdoors it comes back')
      : say('Waiting for a position …');
  const { within, border } = map.where(fix.spot);
  const sure = length(fix.accuracy);
  if (Date.now() - fix.at > OLD_MS) return say('Position of {time} · ±{sure}', { time: clock(fix.at), sure });
  if (border < fix.accuracy && fix.accuracy > 30) return say("At your cell's border · ±{sure}", { sure });
  if (within) return say('You are inside your cell · ±{sure}', { sure });
  return say('You are {far} outside your cell · ±{sure}', { far: length(border), sure });
}

/** What stands in the way of positions, and what to do about it. @param {Position} position @returns {HTMLElement | null} */
export function trouble({ trouble: kind }) {
  if (kind === 'insecure') {
    return notice(
      'warn',
      'alert',
      el('b', {}, say('At this address the browser gives no position, for it is not https.')),
      el(
        'p',
        {},
        say(
          'Reports work: set the pin by hand. Patrols cannot be recorded, and the page does not open without a network.',
        ),
      ),
      el('p', {}, say('Ask the grid centre for the https address.')),
      el(
        'p',
        { class: 'quiet' },
        say('For the office:'),
        ' ',
        el('code', {}, './wangge serve --cert FILE --key FILE'),
      ),
    );
  }
  if (kind === 'refused') {
    return notice(
      'warn',
      'alert',
      el('b', {}, say('This page may not use your position.')),
      el(
        'p',
        {},
        say(
          'Press the sign left of the address, choose “Permissions” or “Website settings”, allow “Location”, and load the page again. In the phone’s settings, location must be allowed for the browser too.',
        ),
      ),
      el('p', {}, say('Until then: set the pin by hand; patrols cannot be recorded.')),
    );
  }
  if (kind === 'unsupported') {
    return notice(
      'warn',
      'alert',
      say('This browser knows no positions. Set the pin by hand, or use another browser.'),
    );
  }
  return null;
}

export class Home {
  /** @param {WorkMap} map @param {Position} position @param {Walk} walk */
  constructor(map, position, walk) {
    this.map = map;
    this.position = position;
    this.walk = walk;
    this.waited = false;
    this.said = ''; // the trouble that stands on the page
    this.drawn = '';
    this.awake = new Awake(() => this.show());
    byId('walk-start').addEventListener('click', () => this.acted(walk.start(), 'walk-pause'));
    byId('walk-pause').addEventListener('click', () => this.acted(walk.pause(), 'walk-resume'));
    byId('walk-resume').addEventListener('click', () => this.acted(walk.resume(), 'walk-pause'));
    byId('walk-end').addEventListener('click', () => this.acted(walk.end(), 'walk-start'));
    walk.onChange(() => this.show());
    position.onChange(() => this.showPosition());
    setInterval(() => this.tick(), 1000);
    setTimeout(() => {
      this.waited = true;
      this.show();
    }, 2000);
  }

  /** A button that goes leaves the focus to the one that comes. @param {Promise<void>} act @param {string} next */
  async acted(act, next) {
    const held = document.activeElement;
    await act;
    if (held instanceof HTMLElement && held.hidden) byId(next).focus();
  }

  tick() {
    byId('walk-clock').textContent = stopwatch(this.walk.seconds);
    if (this.position.fix) this.showPosition();
  }

  showPosition() {
    const words = positionWords(this.position, this.map);
    const line = byId('here').lastElementChild;
    if (line && line.textContent !== words) line.textContent = words;
    this.map.here(this.position.fix);
    if (this.said === this.position.trouble) return;
    this.said = this.position.trouble;
    fill(byId('troubles'), trouble(this.position));
    this.show();
  }

  showWalk() {
    const { steps, patrol } = this.walk;
    const walked = lines(steps);
    const drawn = patrol ? `${patrol.id} ${steps.length}` : '';
    if (drawn !== this.drawn) {
      this.map.draw(
        'walk',
        walked.map((line) => line.map(({ lon, lat }) => [lon, lat])),
      );
    }
    this.drawn = drawn;
    return distance(walked);
  }

  show() {
    const { walk, position } = this;
    const state = walk.patrol ? walk.patrol.state : 'none';
    this.awake.want(walk.running);
    byId('rec').hidden = state !== 'running';
    byId('walk-says').textContent = this.says(state, this.showWalk());
    const idle = state === 'none' || state === 'ended';
    byId('walk-start').hidden = !idle;
    byId('walk-pause').hidden = state !== 'running';
    byId('walk-resume').hidden = state !== 'paused';
    byId('walk-end').hidden = idle;
    for (const id of ['walk-start', 'walk-resume']) {
      byId(id).toggleAttribute('disabled', position.blocked || !walk.ours);
    }
    fill(byId('walk-notes'), ...this.notes(state));
    byId('walk-clock').textContent = stopwatch(walk.seconds);
  }

  /** @param {string} state @param {number} metres */
  says(state, metres) {
    const far = length(metres);
    if (state === 'running') return say('On patrol · {far}', { far });
    if (state === 'paused') return say('Paused · {far}', { far });
    if (state === 'ended') return say('Ended · {far}', { far });
    return say('Not started');
  }

  /** @param {string} state @returns {(HTMLElement | null)[]} */
  notes(state) {
    const { walk, awake } = this;
    const lost = gaps(walk.steps);
    const seconds = lost.reduce((sum, one) => sum + one, 0);
    const cut = walk.patrol && walk.patrol.cut;
    return [
      !walk.ours && this.waited ? line('info', say('The patrol is open in another tab or window.')) : null,
      walk.fault
        ? notice('bad', 'alert', say('The phone cannot keep the track: {reason}', { reason: walk.fault }))
        : null,
      state === 'paused' && cut
        ? notice(
            'warn',
            'clock',
            say(
              'The page was closed from {from} to {to}; that time is not recorded. Go on, or end the patrol.',
              { from: clock(cut[0]), to: clock(cut[1]) },
            ),
          )
        : null,
      state === 'running' && !this.position.fix
        ? line('clock', say('Recording begins with the first position.'))
        : null,
      lost.length
        ? line(
            'gap',
            say('Gaps: {n}, {time} in all. Nothing was recorded then, and nothing counts.', {
              n: lost.length,
              time: minutes(seconds),
            }),
          )
        : null,
      state === 'running' && awake.refused
        ? line(
            'info',
            say(
              'This browser cannot keep the screen on. Set the phone to turn it off late: with it off, nothing is recorded.',
            ),
          )
        : null,
      state === 'running' && !awake.refused
        ? line('info', say('The screen stays on while this page is open: with it off, nothing is recorded.'))
        : null,
    ];
  }

  /** What the server has of today. */
  async arrived() {
    const day = isoDay(Date.now());
    const answer = await read(`/api/tracks?from=${day}&to=${day}`);
    const whole = answer.status === 200 && answer.body && Array.isArray(answer.body.features);
    const mine = { account: facts.account, what: 'tracks', day, at: Date.now(), body: answer.body };
    if (whole) await keep('known', mine).catch(() => undefined);
    const known = whole ? mine : await get('known', [facts.account, 'tracks']).catch(() => undefined);
    this.showArrived(known && known.day === day ? known : null, whole);
  }

  /** @param {{ at: number, body: any } | null} known @param {boolean} fresh */
  showArrived(known, fresh) {
    const features = known ? known.body.features : [];
    this.map.draw(
      'arrived',
      features.flatMap((/** @type {any} */ { geometry }) =>
        geometry.type === 'MultiLineString' ? geometry.coordinates : [geometry.coordinates],
      ),
    );
    const total = known ? known.body.total : null;
    const shown =
      total && total.seconds
        ? say('{time} · {far}', { time: minutes(total.seconds), far: length(total.metres) })
        : say('None yet.');
    fill(
      byId('walk-arrived'),
      !known && !fresh ? say('Not known without a network.') : shown,
      known && !fresh ? el('small', {}, say('Shown as it was at {time}.', { time: clock(known.at) })) : null,
    );
  }
}

/** @param {string} sign @param {string} words */
function line(sign, words) {
  return el('p', { class: 'note' }, icon(sign), el('span', {}, words));
}
