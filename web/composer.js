// SPDX-License-Identifier: MIT
// The field in which messages are written. Enter sends, Shift+Enter makes a new line; Enter that ends
// the composition of a Hangul syllable does neither. What is half written stays with its room.
import { byId } from './dom.js';

const drafts = new Map();

export class Composer {
  #text = byId('text'); #form = byId('composer'); #button = byId('send');
  #room; #cleanup = new AbortController();

  constructor(room, send) {
    const { signal } = this.#cleanup;
    this.#room = room;
    this.#text.value = drafts.get(room) ?? '';
    this.enable(true);
    this.#fit();
    const submit = () => {
      const body = this.#text.value.replace(/\s+$/, '');
      if (!body.trim()) return;
      this.#text.value = '';
      this.#fit();
      send(body);
    };
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      submit();
      this.#text.focus();
    }, { signal });
    this.#text.addEventListener('keydown', (event) => {
      // 229: Safari reports the end of a composition before the key that ended it.
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      submit();
    }, { signal });
    this.#text.addEventListener('input', () => this.#fit(), { signal });
    // On a phone the keyboard would cover the conversation at once.
    if (matchMedia('(pointer: fine)').matches) this.#text.focus();
  }

  enable(on) {
    this.#text.disabled = !on;
    this.#button.disabled = !on;
  }

  close() {
    if (this.#text.value.trim()) drafts.set(this.#room, this.#text.value);
    else drafts.delete(this.#room);
    this.#text.value = '';
    this.enable(false); // until the next room is open, nobody listens
    this.#cleanup.abort();
  }

  #fit() {
    this.#text.style.height = 'auto';
    this.#text.style.height = `${this.#text.scrollHeight + 2}px`;
  }
}
