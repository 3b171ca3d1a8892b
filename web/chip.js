// SPDX-License-Identifier: MIT
// A file that is about to be sent, as it stands above the field: name, size, how far it is, and what
// can be done. The node stays the same all the time, so that no button moves away under a finger.
import { el, icon } from './dom.js';
import { bytes, percent, t } from './i18n.js';
import { problemText } from './problem.js';

const PREVIEW = 20 << 20; // larger pictures are not decoded for 40 pixels

function preview(file) {
  if (!/^image\/(png|jpeg|gif|webp|avif)$/.test(file.type) || file.size > PREVIEW) return null;
  const image = el('img', { src: URL.createObjectURL(file), alt: '' });
  image.onload = image.onerror = () => URL.revokeObjectURL(image.src);
  image.addEventListener('error', () => image.replaceWith(icon('file')));
  return image;
}

export class Chip {
  #upload; #status; #bar; #retry; #remove;

  // act.retry and act.remove take the upload.
  constructor(upload, act) {
    const button = (action, ...content) =>
      el('button', { type: 'button', class: 'small', onclick: () => action(upload) }, ...content);
    this.#upload = upload;
    this.#status = el('span', { class: 'about' });
    this.#bar = el('progress', { max: '100' });
    this.#retry = button(act.retry);
    this.#remove = button(act.remove, icon('close'));
    this.node = el('li', { class: 'chip' },
      el('span', { class: 'face' }, preview(upload.file) ?? icon('file')),
      el('span', { class: 'text' }, el('bdi', { class: 'name', title: upload.file.name }, upload.file.name), this.#status, this.#bar),
      this.#retry, this.#remove);
    this.draw();
  }

  #say() {
    const { state, sent, file, problem } = this.#upload;
    const size = bytes(file.size);
    if (state === 'failed') return t('fileFailed', { why: problemText(problem) });
    if (state === 'waiting') return t('fileWaiting', { done: percent(sent / file.size) });
    if (state === 'done') return size;
    if (state === 'sending' && sent === file.size) return t('fileChecked', { size });
    return `${size} · ${percent(sent / file.size)}`;
  }

  draw() {
    const { state, sent, file: { name, size } } = this.#upload;
    const failed = state === 'failed';
    this.node.dataset.state = state;
    this.#bar.value = state === 'done' ? 100 : Math.floor(sent / size * 100);
    this.#bar.hidden = failed;
    this.#bar.setAttribute('aria-label', t('fileProgress', { name }));
    const text = this.#say();
    if (this.#status.textContent !== text) this.#status.textContent = text;
    if (failed) this.#status.setAttribute('role', 'alert');
    else this.#status.removeAttribute('role');
    this.#retry.hidden = !failed && state !== 'waiting';
    this.#retry.textContent = t(failed ? 'fileRetry' : 'fileRetryNow');
    this.#remove.title = t('fileRemove', { name });
    this.#remove.setAttribute('aria-label', t('fileRemove', { name }));
  }
}
