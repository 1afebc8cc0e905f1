// Times, lengths and sizes as people read them, in the township's own time.
import { facts } from './facts.js';
import { say } from '../words.js';

const LOCALE = facts.lang === 'en' ? 'en-GB' : facts.lang;
const ZONE = { timeZone: facts.zone };
const CLOCK = new Intl.DateTimeFormat('en-GB', { ...ZONE, hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat(LOCALE, { ...ZONE, month: 'short', day: 'numeric' });
const LONG_DAY = new Intl.DateTimeFormat(LOCALE, {
  ...ZONE,
  month: 'short',
  day: 'numeric',
  weekday: 'short',
});
const ISO_DAY = new Intl.DateTimeFormat('en-CA', ZONE);
const NUMBER = new Intl.NumberFormat(LOCALE);
const TENTH = new Intl.NumberFormat(LOCALE, {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});

/** @param {number} ms @returns {string} `10:26` */
export const clock = (ms) => CLOCK.format(ms);

/** @param {number} ms @returns {string} `2026-05-18`, the local date */
export const isoDay = (ms) => ISO_DAY.format(ms);

/** @param {number} ms */
export const longDay = (ms) => LONG_DAY.format(ms);

/** The time of today, with its date on other days. @param {number} ms */
export function moment(ms) {
  return isoDay(ms) === isoDay(Date.now()) ? clock(ms) : `${DAY.format(ms)} ${clock(ms)}`;
}

/** @param {number} seconds @returns {string} `01:02:03` */
export function stopwatch(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return [whole / 3600, (whole / 60) % 60, whole % 60]
    .map((part) => String(Math.floor(part)).padStart(2, '0'))
    .join(':');
}

/** @param {number} seconds */
export function minutes(seconds) {
  const n = Math.round(seconds / 60);
  return n < 60 ? say('{n} min', { n }) : say('{h} h {n} min', { h: Math.floor(n / 60), n: n % 60 });
}

/** A length: metres up to a kilometre. @param {number} metres */
export function length(metres) {
  return metres < 1000 ? `${NUMBER.format(Math.round(metres))} m` : `${TENTH.format(metres / 1000)} km`;
}

/** @param {number} bytes */
export function size(bytes) {
  return bytes < 1e6 ? `${NUMBER.format(Math.ceil(bytes / 1000))} KB` : `${TENTH.format(bytes / 1e6)} MB`;
}

/** @param {number} n */
export const count = (n) => NUMBER.format(n);
