// A page that takes its time: from when a wait is felt, it says that it is under way.
import { say } from './words.js';

/** Before this nobody has begun to wait. */
const FELT_MS = 300;

/** @param {HTMLElement} note  Of role status. @param {HTMLElement} main */
export function waiting(note, main) {
  let timer = 0;
  const begin = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      note.textContent = say('Loading …');
      note.hidden = false;
      main.setAttribute('aria-busy', 'true');
    }, FELT_MS);
  };
  const end = () => {
    clearTimeout(timer);
    note.hidden = true;
    main.removeAttribute('aria-busy');
  };
  document.addEventListener('click', (event) => {
    const link = /** @type {Element} */ (event.target).closest('a[href]');
    if (link instanceof HTMLAnchorElement && leaves(link, event)) begin();
  });
  document.addEventListener('submit', (event) => {
    if (!event.defaultPrevented) begin();
  });
  window.addEventListener('pageshow', end); // also when somebody comes back to it
}

/** Whether this press leads to another page, in this tab. @param {HTMLAnchorElement} link @param {MouseEvent} event */
function leaves(link, event) {
  const { defaultPrevented, button, ctrlKey, metaKey, shiftKey } = event;
  if (defaultPrevented || button || ctrlKey || metaKey || shiftKey || link.target) return false;
  const to = new URL(link.href);
  return to.origin === location.origin && to.href.split('#')[0] !== location.href.split('#')[0];
}
