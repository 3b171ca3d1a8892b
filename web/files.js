// SPDX-License-Identifier: MIT
// The files of a message as they stand in the conversation. Each has its size before it is loaded, so
// that nothing jumps; what is not a picture is loaded when somebody asks for it.
import { el, icon } from './dom.js';
import { bytes, t } from './i18n.js';

const SIDE = 320; // pixels that a single picture may be wide and high
const LEAST = 64;
const MOVING = 2 << 20; // what may move is shown whole up to this size, as thumbnails stand still

const files = new WeakMap(); // of the links that open the gallery
export const fileOf = (link) => files.get(link);

// How large something is shown whose width and height are known.
function fit({ width = 16, height = 9 }, side = SIDE) {
  const scale = Math.min(1, side / width, side / height);
  const within = (n) => Math.round(Math.min(side, Math.max(LEAST, n * scale)));
  return { width: within(width), height: within(height) };
}

const isPlaceholder = (text) => /^data:image\/[a-z]+;base64,[A-Za-z0-9+/=]+$/.test(text ?? '');

// The server makes WebP of what moves.
const mayMove = ({ name, type, bytes: size }) => type === 'image/webp' && /\.(gif|webp)$/i.test(name) && size <= MOVING;

function picture(file, alone) {
  const image = el('img', {
    src: mayMove(file) ? file.url : file.thumbnail,
    alt: t('pictureOf', { name: file.name }), loading: 'lazy', decoding: 'async', draggable: 'false',
    ...alone ? fit(file) : { width: SIDE, height: SIDE },
  });
  if (isPlaceholder(file.placeholder)) {
    image.style.backgroundImage = `url("${file.placeholder}")`;
    // What is transparent would show it for good.
    image.addEventListener('load', () => { image.style.backgroundImage = ''; });
  }
  const link = el('a', { class: 'picture', href: file.url }, image);
  files.set(link, file);
  return link;
}

function video(file) {
  return el('video', {
    src: file.url, poster: file.thumbnail, preload: file.thumbnail ? 'none' : 'metadata',
    controls: true, playsinline: true, 'aria-label': file.name, title: file.name, ...fit(file),
  });
}

const about = (file) => el('span', { class: 'text' },
  el('bdi', { class: 'name' }, file.name), el('small', {}, bytes(file.bytes)));

function sound(file) {
  return el('div', { class: 'sound' }, about(file),
    el('audio', { src: file.url, preload: 'none', controls: true, 'aria-label': file.name }));
}

function paper(file) {
  const label = t('downloadOf', { name: file.name, size: bytes(file.bytes) });
  return el('a', { class: 'document', href: file.url, download: file.name, 'aria-label': label, title: label },
    el('span', { class: 'face' }, icon('file')), about(file), icon('download'));
}

const makers = { video, audio: sound };

// null for a message without files.
export function filesOf({ content, hidden, deleted_at: deleted }) {
  const list = content?.attachments ?? [];
  if (list.length === 0 || hidden || deleted) return null;
  const pictures = list.filter(({ kind }) => kind === 'image');
  const rest = list.filter(({ kind }) => kind !== 'image');
  const grid = pictures.length === 0 ? null
    : el('div', { class: pictures.length > 1 ? 'pictures many' : 'pictures', 'data-over': pictures.length % 3 },
      ...pictures.map((file) => picture(file, pictures.length === 1)));
  return el('div', { class: 'files' }, grid, ...rest.map((file) => (makers[file.kind] ?? paper)(file)));
}
