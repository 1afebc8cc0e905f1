// Where the phone is, how sure it is of that, or why it does not say.

/**
 * @typedef {{ spot: import('./geo.js').Spot, accuracy: number, at: number }} Fix
 *   Metres; milliseconds of this phone's clock.
 * @typedef {'' | 'insecure' | 'unsupported' | 'refused' | 'unavailable'} Trouble
 */

const OPTIONS = { enableHighAccuracy: true, maximumAge: 0, timeout: 30_000 };
const REFUSED = 1;

export class Position {
  constructor() {
    /** @type {Fix | null} */
    this.fix = null;
    /** @type {Trouble} */
    this.trouble = '';
    /** @type {(() => void)[]} */
    this.listeners = [];
    /** @type {number | undefined} */
    this.watching = undefined;
  }

  /** Call back with every fix and every trouble. @param {() => void} listener */
  onChange(listener) {
    this.listeners.push(listener);
  }

  /** Begin; a browser without https refuses, and says so to nobody but us. */
  start() {
    if (!globalThis.isSecureContext) return this.fail('insecure');
    if (!navigator.geolocation) return this.fail('unsupported');
    if (this.watching !== undefined) navigator.geolocation.clearWatch(this.watching);
    this.watching = navigator.geolocation.watchPosition(
      (position) => this.got(position),
      (error) => this.fail(error.code === REFUSED ? 'refused' : 'unavailable'),
      OPTIONS,
    );
    return undefined;
  }

  /** Ask once more: somebody who stands still moves no watch. */
  ask() {
    if (this.watching === undefined) return;
    navigator.geolocation.getCurrentPosition(
      (position) => this.got(position),
      () => undefined,
      OPTIONS,
    );
  }

  /** Whether there will be no fix without somebody doing something. */
  get blocked() {
    return this.trouble !== '' && this.trouble !== 'unavailable';
  }

  /** @param {GeolocationPosition} position */
  got({ coords }) {
    // Our own clock: that of some receivers is off by hours.
    this.fix = {
      spot: [coords.longitude, coords.latitude],
      accuracy: coords.accuracy,
      at: Date.now(),
    };
    this.trouble = '';
    this.changed();
  }

  /** @param {Trouble} trouble */
  fail(trouble) {
    this.trouble = trouble;
    if (trouble === 'refused') this.fix = null;
    this.changed();
  }

  changed() {
    for (const listener of this.listeners) listener();
  }
}
