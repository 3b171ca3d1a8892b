// SPDX-License-Identifier: MIT
// The field in which messages are written. Enter sends, Shift+Enter makes a new line; Enter that ends
// the composition of a Hangul syllable does neither. What is half written stays with its room.
import { byId } from './dom.js';
import { Draft } from './draft.js';
import { takeFiles } from './drop.js';
import { number, t } from './i18n.js';
import { MOST } from './tray.js';

const drafts = new Map();

export class Composer {
  #text = byId('text'); #form = byId('composer');
  #room; #draft; #cleanup = new AbortController();

  // send(body, files) may also be called after close(), for what was waiting for its files.
  constructor(room, send) {
    const { signal } = this.#cleanup;
    this.#room = room;
    this.#draft = drafts.get(room) ?? new Draft(send);
    drafts.set(room, this.#draft);
    this.#draft.sendBy(send);
    this.#draft.onChange = () => this.#draw();
    this.redraw();
    this.enable(true);
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#draft.submit();
      this.#text.focus();
    }, { signal });
    this.#text.addEventListener('keydown', (event) => {
      // 229: Safari reports the end of a composition before the key that ended it.
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.#draft.submit();
    }, { signal });
    this.#text.addEventListener('input', () => {
      this.#draft.text = this.#text.value;
      this.#fit();
    }, { signal });
    takeFiles((files) => {
      if (this.#text.disabled) return;
      this.#draft.add(files);
      this.#text.focus();
    }, signal);
    // On a phone the keyboard would cover the conversation at once.
    if (matchMedia('(pointer: fine)').matches) this.#text.focus();
  }

  enable(on) {
    for (const id of ['text', 'send', 'attach']) byId(id).disabled = !on;
  }

  close() {
    const draft = this.#draft;
    draft.onChange = () => {};
    draft.tray.hide();
    if (draft.isEmpty) drafts.delete(this.#room);
    byId('files-state').textContent = '';
    this.#text.value = '';
    this.enable(false); // until the next room is open, nobody listens
    this.#cleanup.abort();
  }

  // In another language.
  redraw() {
    this.#draft.tray.show();
    this.#draw();
  }

  #draw() {
    const { text, armed, isFull, tray } = this.#draft;
    if (this.#text.value !== text) {
      this.#text.value = text;
      this.#fit();
    }
    byId('files-state').textContent = [
      isFull ? t('filesTooMany', { n: number(MOST) }) : '',
      armed ? t('filesFirst') : '',
      tray.hasFailed ? t('filesFailed') : '',
    ].filter(Boolean).join(' ');
  }

  #fit() {
    this.#text.style.height = 'auto';
    this.#text.style.height = `${this.#text.scrollHeight + 2}px`;
  }
}
