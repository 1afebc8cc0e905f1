// The form of the period: it says what is wrong with two days before the server has to.
import { say } from './words.js';

/** @param {HTMLFormElement} form */
export function period(form) {
  const [first, last] = ['from', 'to'].map(
    (name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name)),
  );
  const fields = /** @type {HTMLElement} */ (form.querySelector('[data-today]'));
  const wrong = /** @type {HTMLElement} */ (form.querySelector('.wrong'));
  wrong.id = 'period-wrong';
  form.noValidate = true; // a browser's own bubble is gone before it is read

  const fault = () => {
    const missing = [first, last].find((input) => !input.value);
    if (missing) return { input: missing, why: say('Enter a whole date.') };
    if (first.value > last.value) {
      return { input: first, why: say('The period ends before it begins. Exchange the two dates.') };
    }
    if (last.value > String(fields.dataset.today)) {
      return { input: last, why: say('The period ends in the future. Choose today or earlier.') };
    }
    return null;
  };
  const show = () => {
    const found = fault();
    for (const input of [first, last]) {
      const bad = found !== null && found.input === input;
      input.setAttribute('aria-invalid', String(bad));
      if (bad) input.setAttribute('aria-describedby', wrong.id);
      else input.removeAttribute('aria-describedby');
    }
    wrong.hidden = !found;
    wrong.textContent = found ? found.why : '';
    return found;
  };
  form.addEventListener('submit', (event) => {
    const found = show();
    if (!found) return;
    event.preventDefault();
    found.input.focus();
  });
  form.addEventListener('input', () => {
    if (!wrong.hidden) show();
  });
}
