// Let people see the password that they type; without this script the box stays away.

const box = document.querySelector('[data-reveal]');
const choice = box?.querySelector('input');
if (box instanceof HTMLElement && choice) {
  box.hidden = false;
  const secrets = [...document.querySelectorAll('input')].filter((input) => input.type === 'password');
  const show = () => {
    for (const secret of secrets) secret.type = choice.checked ? 'text' : 'password';
  };
  choice.addEventListener('change', show);
  // A browser must not keep it among the words that were typed.
  choice.form?.addEventListener('submit', () => {
    choice.checked = false;
    show();
  });
}
