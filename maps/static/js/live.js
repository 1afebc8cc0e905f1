// A page that stays open asks whether anything new came in, and then for itself again.
import { say } from './words.js';

/**
 * @typedef {{ seq: string, walks: string, reports: number, clock: string, zone: string }} Known
 *   What the page's figures are of; `clock` is their time of day in the township's `zone`.
 * @typedef {{ live: Known | null }} Fresh  What a newer page says of itself.
 */

const EVERY_MS = 10_000;
/** Walks come in all day; their figures need not follow each of them. */
const WALKS_MS = 60_000;
/** Time itself changes figures: what is due becomes overdue. */
const OLD_MS = 600_000;

export class Live {
  /**
   * @param {Known} known
   * @param {HTMLElement} line  Where to say how things stand.
   * @param {(page: Document) => Fresh | null} apply  Takes a newer page in; null if it cannot.
   */
  constructor(known, line, apply) {
    this.known = known;
    this.line = line;
    this.apply = apply;
    this.when = /** @type {HTMLElement} */ (line.querySelector('[data-live="when"]'));
    this.news = /** @type {HTMLElement} */ (line.querySelector('[data-live="news"]'));
    this.timer = 0;
    this.asking = false;
    this.over = false;
    /** Since when it has been without an answer. */
    this.lostAt = '';
    this.taken = performance.now();
    document.addEventListener('visibilitychange', () => this.soon());
    window.addEventListener('online', () => this.soon());
    window.addEventListener('offline', () => this.lost());
    if (!navigator.onLine) this.lost();
    this.later();
  }

  /** Ask again in a while; many pages that were opened at once drift apart. */
  later() {
    clearTimeout(this.timer);
    if (!this.over && document.visibilityState === 'visible') {
      this.timer = setTimeout(() => this.ask(), EVERY_MS * (0.9 + Math.random() / 5));
    }
  }

  soon() {
    clearTimeout(this.timer);
    if (!this.over && document.visibilityState === 'visible') this.ask();
  }

  async ask() {
    if (this.asking) return;
    this.asking = true;
    try {
      const answer = await fetch('/api/changes', { headers: { accept: 'application/json' } });
      if (answer.status === 401) this.ended();
      else if (!answer.ok) this.failed();
      else await this.compare(await answer.json());
    } catch {
      this.lost();
    }
    this.asking = false;
    this.later();
  }

  /** @param {Known} now */
  async compare(now) {
    const age = performance.now() - this.taken;
    const walked = now.walks !== this.known.walks && age > WALKS_MS;
    if (now.seq === this.known.seq && !walked && age < OLD_MS) {
      if (this.lostAt) this.tell(say('Connected again.'));
      this.lostAt = '';
      return;
    }
    const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
    if (answer.redirected && new URL(answer.url).pathname === '/login') this.ended();
    else if (!answer.ok) this.failed();
    else this.take(new DOMParser().parseFromString(await answer.text(), 'text/html'));
  }

  /** @param {Document} page */
  take(page) {
    const fresh = this.apply(page);
    this.taken = performance.now();
    if (!fresh) {
      this.stop(say('The cells have changed.'), say('Open the page again'), location.href);
      return;
    }
    this.lostAt = '';
    if (!fresh.live) {
      this.stop(say('A new day has begun.'), say('Open the page again'), location.href);
      return;
    }
    const more = fresh.live.reports - this.known.reports;
    const sameDay = fresh.live.seq.split('-')[0] === this.known.seq.split('-')[0];
    this.known = fresh.live;
    this.tell(sameDay && more > 0 ? newReports(more) : '');
  }

  /** The network is away: the figures stay, with their time. */
  lost() {
    if (this.over) return;
    this.lostAt = this.lostAt || clock(this.known.zone);
    this.old(say('Offline since {time}.', { time: this.lostAt }));
  }

  failed() {
    this.lostAt = this.lostAt || clock(this.known.zone);
    this.old(say('The server has not answered since {time}.', { time: this.lostAt }));
  }

  ended() {
    const { pathname, search } = location;
    const back = `/login?next=${encodeURIComponent(pathname + search)}&ended=1`;
    this.old('');
    this.stop(say('Your session has ended.'), say('Sign in again'), back);
  }

  /** @param {string} why */
  old(why) {
    this.line.classList.add('old');
    this.when.textContent = say('Figures of {time}.', { time: this.known.clock });
    if (this.news.textContent !== why) this.news.textContent = why;
  }

  /** @param {string} news */
  tell(news) {
    this.line.classList.remove('old');
    this.when.textContent = say('Updated {time}.', { time: this.known.clock });
    this.news.textContent = news;
  }

  /** Nothing more will come by itself. @param {string} why @param {string} way @param {string} href */
  stop(why, way, href) {
    this.over = true;
    clearTimeout(this.timer);
    const link = document.createElement('a');
    link.href = href;
    link.textContent = way;
    this.line.classList.add('old');
    this.news.replaceChildren(`${why} `, link);
  }
}

/** @param {number} n */
function newReports(n) {
  return n === 1 ? say('1 new report') : say('{n} new reports', { n });
}

/** The time of day there. @param {string} timeZone */
function clock(timeZone) {
  return new Date().toLocaleTimeString('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' });
}
