// SPDX-License-Identifier: MIT
// The files of a message that is being written. They are uploaded while the text is typed, and go on
// when another room is looked at.
import { Chip } from './chip.js';
import { byId } from './dom.js';
import { Upload } from './upload.js';

export const MOST = 10; // files of a message

export class Tray {
  #chips = new Map(); // of each upload, in order
  onChange = () => {};
  onRemove = () => {};

  get isEmpty() { return this.#chips.size === 0; }
  get isReady() { return this.#all((state) => state === 'done'); }
  get hasFailed() { return !this.#all((state) => state !== 'failed'); }

  #all(fits) { return [...this.#chips.keys()].every(({ state }) => fits(state)); }

  // Whether there was room for all of them.
  add(files) {
    const taken = [...files].slice(0, MOST - this.#chips.size);
    for (const file of taken) this.#start(new Upload(file));
    return taken.length === files.length;
  }

  #start(upload) {
    const chip = new Chip(upload, {
      retry: () => upload.retry(),
      remove: () => this.#remove(upload),
    });
    this.#chips.set(upload, chip);
    upload.onChange = () => {
      chip.draw();
      this.onChange();
    };
    upload.start();
  }

  #remove(upload) {
    const { node } = this.#chips.get(upload);
    this.#chips.delete(upload);
    node.remove();
    upload.cancel();
    this.onRemove();
    this.onChange();
  }

  // The files as the server has them; from now on they belong to a message.
  take() {
    const files = [...this.#chips.keys()].map(({ result }) => result);
    for (const { node } of this.#chips.values()) node.remove();
    this.#chips.clear();
    return files;
  }

  // Shows them in the page, in today's language; hidden, they live on.
  show() {
    for (const chip of this.#chips.values()) chip.draw();
    byId('files').replaceChildren(...[...this.#chips.values()].map(({ node }) => node));
  }

  hide() { byId('files').replaceChildren(); }
}
