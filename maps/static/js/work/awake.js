// Keep the screen on while a patrol runs: with it off, no browser tells where it is.

/** @typedef {{ request: (kind: 'screen') => Promise<{ release: () => Promise<void>,
 *   addEventListener: (name: 'release', heard: () => void) => void }> }} WakeLock */

export class Awake {
  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
    this.wanted = false;
    /** @type {{ release: () => Promise<void> } | null} */
    this.lock = null;
    this.denied = false;
    document.addEventListener('visibilitychange', () => this.take());
  }

  get locks() {
    return /** @type {{ wakeLock?: WakeLock }} */ (/** @type {unknown} */ (navigator)).wakeLock;
  }

  /** Whether the browser cannot, or will not, keep the screen on. */
  get refused() {
    return !this.locks || this.denied;
  }

  /** @param {boolean} wanted */
  want(wanted) {
    if (this.wanted === wanted) return;
    this.wanted = wanted;
    if (wanted) this.take();
    else if (this.lock) this.lock.release();
  }

  async take() {
    if (!this.wanted || this.lock || document.hidden || !this.locks) return;
    try {
      const lock = await this.locks.request('screen');
      this.lock = lock;
      this.denied = false;
      lock.addEventListener('release', () => {
        this.lock = null;
        this.changed();
      });
      if (!this.wanted) await lock.release();
    } catch {
      this.denied = true; // a nearly empty battery, as a rule
    }
    this.changed();
  }
}
