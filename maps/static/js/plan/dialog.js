// A question before an act that changes something for everybody. The <dialog> element is too new for some browsers.
import { el } from '../work/dom.js';

const STOPS = 'button, a[href], input, select, textarea';

/**
 * Ask, and resolve to whether the act is wanted. Escape and the ground around the sheet mean no.
 * @param {string} title  The act itself.
 * @param {import('../work/dom.js').Child[]} content
 * @param {{ act: string, back: string }} words
 * @returns {Promise<boolean>}
 */
export function confirmed(title, content, words) {
  return new Promise((resolve) => {
    const before = /** @type {HTMLElement | null} */ (document.activeElement);
    /** @param {boolean} answer */
    const end = (answer) => {
      scrim.remove();
      if (before) before.focus();
      resolve(answer);
    };
    const back = el('button', { type: 'button', class: 'btn', onclick: () => end(false) }, words.back);
    const act = el('button', { type: 'button', class: 'btn main', onclick: () => end(true) }, words.act);
    const sheet = el(
      'div',
      { class: 'dialog', role: 'dialog', 'aria-modal': 'true', 'aria-labelledby': 'dialog-head' },
      el('h2', { id: 'dialog-head' }, title),
      el('div', { class: 'dialog-body' }, ...content),
      el('div', { class: 'dialog-foot' }, back, act),
    );
    const scrim = el('div', { class: 'scrim' }, sheet);
    scrim.addEventListener('mousedown', (event) => {
      if (event.target === scrim) end(false);
    });
    scrim.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') end(false);
      if (event.key === 'Tab') stay(event, sheet);
    });
    document.body.append(scrim);
    back.focus();
  });
}

/** Keep the focus within. @param {KeyboardEvent} event @param {HTMLElement} sheet */
function stay(event, sheet) {
  const stops = /** @type {HTMLElement[]} */ ([...sheet.querySelectorAll(STOPS)]);
  const [first, last] = [stops[0], stops[stops.length - 1]];
  const edge = event.shiftKey ? first : last;
  if (document.activeElement !== edge) return;
  event.preventDefault();
  (event.shiftKey ? last : first).focus();
}
