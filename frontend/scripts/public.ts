// The script of every page. Nothing depends on it: without it a second
// click on "send" is caught by the form's own key on the server; with it the
// second click is not sent at all, which spares a weak network.

// How long a form stays locked after it was sent, in milliseconds. When the
// answer never comes the person must be able to try again.
const LOCK_MS = 8000;

const sentAt = new WeakMap<HTMLFormElement, number>();

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method !== 'post') return;
  const last = sentAt.get(form);
  if (last !== undefined && event.timeStamp - last < LOCK_MS) {
    event.preventDefault();
    return;
  }
  sentAt.set(form, event.timeStamp);
  form.setAttribute('aria-busy', 'true');
});

// A page that comes back from the browser's back cache must not stay locked.
window.addEventListener('pageshow', (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll('form')) {
    sentAt.delete(form);
    form.removeAttribute('aria-busy');
  }
});

// An address that can be copied has a button for it where the browser can.
for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-share]')) {
  const address = document.getElementById(button.dataset['share'] || '');
  if (!address || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener('click', () => {
    void navigator.clipboard.writeText(address.textContent || '').then(() => {
      const told = button.dataset['done'] || '';
      button.textContent = told;
      const status = document.querySelector('[data-share-told]');
      if (status) status.textContent = told;
    }, () => undefined);
  });
}
