// SPDX-License-Identifier: MIT
// The pictures of the conversation one by one, as large as the window allows. Escape closes it, the
// arrow keys go on.
import { byId } from './dom.js';
import { fileOf } from './files.js';
import { bytes, number, t } from './i18n.js';

const dialog = byId('gallery');
const [image, name, place, save, previous, next] =
  ['image', 'name', 'place', 'save', 'previous', 'next'].map((part) => byId(`gallery-${part}`));
let links = [];
let at = 0;

function show(i) {
  at = Math.min(Math.max(i, 0), links.length - 1);
  const file = fileOf(links[at]);
  image.removeAttribute('src'); // not the one before with these measures
  image.width = file.width ?? 320;
  image.height = file.height ?? 320;
  image.alt = t('pictureOf', { name: file.name });
  image.src = file.url;
  name.textContent = file.name;
  place.textContent = [bytes(file.bytes), links.length > 1 ? t('galleryPlace', { i: number(at + 1), n: number(links.length) }) : '']
    .filter(Boolean).join(' · ');
  save.href = file.url;
  save.download = file.name;
  // Not `disabled`: who holds the focus on one of them must keep it.
  previous.classList.toggle('gone', at === 0);
  next.classList.toggle('gone', at === links.length - 1);
}

// Opens with the click on a picture in this part of the page.
export function openPicturesOf(root) {
  root.addEventListener('click', (event) => {
    const link = event.target.closest('a.picture');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    links = [...root.querySelectorAll('a.picture')];
    show(links.indexOf(link));
    dialog.showModal();
    byId('gallery-close').focus();
  });
}

previous.addEventListener('click', () => show(at - 1));
next.addEventListener('click', () => show(at + 1));
byId('gallery-close').addEventListener('click', () => dialog.close());
dialog.addEventListener('click', ({ target }) => target === dialog && dialog.close());
dialog.addEventListener('close', () => {
  image.removeAttribute('src');
  links = [];
});
dialog.addEventListener('keydown', (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step) return;
  event.preventDefault();
  show(at + step);
});
