// SPDX-License-Identifier: MIT
// The sign that stands for somebody, or for a room: a picture that was uploaded ("file-7"), else a
// coloured first letter, which is also what is seen until the picture is there.
import { el } from './dom.js';

// The address of the picture; null if there is none.
export function pictureUrl(emblem) {
  const [, file] = /^file-(\d{1,16})$/.exec(emblem ?? '') ?? [];
  return file ? `/v1/files/${file}/thumb?size=256` : null;
}

// The same id always has the same colour. emblem: as of a person's avatar, or a room's cover.
export function avatar(id, name, { emblem = '', square = false } = {}) {
  const letter = Array.from(String(name).trim().replace(/^#/, ''))[0] ?? '?';
  const url = pictureUrl(emblem);
  const image = url && el('img', {
    src: url, alt: '', draggable: 'false',
    onload: () => image.classList.add('there'),
    onerror: () => image.remove(),
  });
  return el('span', {
    class: square ? 'avatar square' : 'avatar',
    'data-hue': Number(id) % 8,
    'aria-hidden': 'true',
  }, letter.toUpperCase(), image);
}
