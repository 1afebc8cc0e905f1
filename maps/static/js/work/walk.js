// A patrol as numbers: how long, how far, and where nothing was recorded.
import { metres } from './geo.js';

/**
 * @typedef {{ patrol: string, seq: number, t: number, lon: number, lat: number, accuracy: number,
 *   span: number }} Step  A recorded fix; `t` in seconds of the epoch.
 * @typedef {[number, number | null]} Span  From, to (milliseconds); null: still going on.
 * @typedef {{ account: string, id: string, state: 'running' | 'paused' | 'ended', spans: Span[],
 *   seq: number, batched: number, seen: number, cut?: [number, number] | null }} Patrol
 *   `seq`: of the next fix; `batched`: the first that no batch has yet; `seen`: when it was last
 *   known to run; `cut`: while it ran, the page was closed from then to then.
 */

// The same limits as the server's (gis/patrols/tracks.py), so that the phone promises no more.
const GAP_S = 120;
const FASTEST_MPS = 8;
const VAGUE_M = 50;
const STEP_M = 5;
const STEP_S = 10;
/** A page that was away for longer has left a gap. */
export const AWAY_MS = 120_000;

/** Seconds that a patrol ran. @param {Span[]} spans @param {number} now */
export function elapsed(spans, now) {
  return spans.reduce((sum, [from, to]) => sum + ((to === null ? now : to) - from) / 1000, 0);
}

/** Whether a fix says anything new. @param {Step | null} last @param {Step} step */
export function wanted(last, step) {
  if (!last || last.span !== step.span) return true;
  const far = metres([last.lon, last.lat], [step.lon, step.lat]) >= STEP_M;
  return step.t - last.t >= STEP_S || (far && step.t > last.t);
}

/** The walked lines: cut where the walk was paused, where nothing came for long, or no one walks so fast. @param {Step[]} steps @returns {Step[][]} */
export function lines(steps) {
  /** @type {Step[][]} */
  const found = [];
  /** @type {Step | null} */
  let last = null;
  for (const step of steps) {
    if (step.accuracy > VAGUE_M) continue;
    if (!last || parted(last, step)) found.push([]);
    found[found.length - 1].push(step);
    last = step;
  }
  return found;
}

/** @param {Step} a @param {Step} b */
function parted(a, b) {
  const seconds = b.t - a.t;
  if (a.span !== b.span || seconds > GAP_S || seconds < 0) return true;
  return metres([a.lon, a.lat], [b.lon, b.lat]) > FASTEST_MPS * Math.max(seconds, 1);
}

/** Metres along lines. @param {Step[][]} walked */
export function distance(walked) {
  let sum = 0;
  for (const line of walked) {
    for (let i = 1; i < line.length; i++) {
      sum += metres([line[i - 1].lon, line[i - 1].lat], [line[i].lon, line[i].lat]);
    }
  }
  return sum;
}

/** Seconds without a fix, of each gap while the patrol ran. @param {Step[]} steps */
export function gaps(steps) {
  const found = [];
  for (let i = 1; i < steps.length; i++) {
    const seconds = steps[i].t - steps[i - 1].t;
    if (steps[i].span === steps[i - 1].span && seconds > GAP_S) found.push(seconds);
  }
  return found;
}

/** What a patrol is after the page was closed: as it was, or paused where it was last seen. @param {Patrol} patrol @param {number} now @returns {Patrol} */
export function recovered(patrol, now) {
  if (patrol.state !== 'running' || now - patrol.seen <= AWAY_MS) return patrol;
  const spans = /** @type {Span[]} */ (
    patrol.spans.map(([from, to]) => [from, to === null ? Math.max(from, patrol.seen) : to])
  );
  return { ...patrol, state: 'paused', spans, cut: [patrol.seen, now] };
}
