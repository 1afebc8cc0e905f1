// A page that could not be answered: ask for it again until it can be.

const waiting = document.querySelector('[data-again]');
const address = waiting?.getAttribute('data-again');
const pause = 1000 * Number(waiting?.getAttribute('data-every'));
const says = waiting?.querySelector('[data-waits]');

/** @param {string} target */
async function ask(target) {
  try {
    const answer = await fetch(target, { credentials: 'same-origin', cache: 'no-store' });
    if (answer.status !== 503) {
      location.replace(target);
      return;
    }
  } catch {
    // no network, or no server: as before
  }
  setTimeout(ask, pause, target);
}

if (address) {
  if (says instanceof HTMLElement) says.hidden = false;
  setTimeout(ask, pause, address);
}
