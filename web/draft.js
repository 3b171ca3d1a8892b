// SPDX-License-Identifier: MIT
// What is half written in a room, text and files. It stays with its room for this visit. Who sends it
// while files are still on their way need not wait: it is sent as soon as they are there.
import { Tray } from './tray.js';

export class Draft {
  text = ''; tray = new Tray(); armed = false; isFull = false;
  onChange = () => {};
  #send;

  // send(body, files) is called with what is complete.
  constructor(send) {
    this.sendBy(send);
    this.tray.onChange = () => this.#moved();
    this.tray.onRemove = () => { this.armed = this.isFull = false; };
  }

  sendBy(send) { this.#send = send; }

  get isEmpty() { return this.text.trim() === '' && this.tray.isEmpty; }

  add(files) {
    if (files.length === 0) return;
    this.isFull = !this.tray.add(files);
    this.tray.show();
    this.onChange();
  }

  submit() {
    if (this.isEmpty) return;
    this.armed = !this.tray.isReady && !this.tray.hasFailed;
    if (this.tray.isReady) this.#go();
    this.onChange();
  }

  #go() {
    const body = this.text.trim() ? this.text.replace(/\s+$/, '') : '';
    this.text = '';
    this.armed = this.isFull = false;
    this.#send(body, this.tray.take());
  }

  #moved() {
    if (this.tray.hasFailed) this.armed = false;
    if (this.armed && this.tray.isReady) this.#go();
    this.onChange();
  }
}
