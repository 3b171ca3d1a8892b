// SPDX-License-Identifier: MIT
// One file on its way to the server. Small ones go in one request; large ones in pieces (tus 1.0), so
// that a broken connection costs one piece. What may pass is tried again by itself. No DOM here.
import { asUser, del } from './api.js';
import { Problem } from './problem.js';
import { backoff, Nap } from './wait.js';
import { sendBytes } from './xhr.js';

const SMALL = 8 << 20;
const PIECE = 4 << 20;
const AT_ONCE = 2;
const TUS = { 'Tus-Resumable': '1.0.0' };

const queue = [];
const active = new Set();

function next() {
  while (queue.length > 0 && active.size < AT_ONCE) {
    const upload = queue.shift();
    active.add(upload);
    upload.run().finally(() => {
      active.delete(upload);
      next();
    });
  }
}

// Base64 of UTF-8, as Upload-Metadata wants it.
const encoded = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

// A file that was moved, or is a folder, would look like a lost connection.
async function check(file) {
  if (file.size === 0) throw new Problem(400, { type: '/problems/empty-file' });
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch {
    throw new Problem(400, { type: '/problems/unreadable-file' });
  }
}

export class Upload {
  // queued; sending; waiting: will be tried again by itself; done: `result` is the server's File;
  // failed: only by hand, see `problem`.
  state = 'queued'; sent = 0; result = null; problem = null;
  onChange = () => {};
  #use; #address = null; #lost = 0; #nap = new Nap(); #end = new AbortController();

  // use: '', or 'avatar' for a picture that gets a square one besides.
  constructor(file, use = '') {
    this.file = file;
    this.#use = use;
  }

  start() {
    this.#set('queued');
    queue.push(this);
    next();
  }

  // By hand, or because the network seems to be back.
  retry() {
    if (this.state === 'failed') this.start();
    else this.#nap.wake();
  }

  // Nobody wants it any more, neither here nor on the server.
  cancel() {
    this.#end.abort();
    this.#nap.wake();
    if (queue.includes(this)) queue.splice(queue.indexOf(this), 1);
    if (this.result) del(`/v1/files/${this.result.id}`).catch(() => {});
    else this.#giveUp();
  }

  // Resolves when it is done; rejects with the Problem that it failed of.
  finished() {
    return new Promise((resolve, reject) => {
      const changed = this.onChange;
      this.onChange = () => {
        changed();
        if (this.state === 'done') resolve(this.result);
        else if (this.state === 'failed') reject(this.problem);
      };
      this.start();
    });
  }

  // The server counts those that are under way. keepalive: even if the page is closed meanwhile.
  #giveUp() {
    if (this.#address) fetch(this.#address, { method: 'DELETE', headers: TUS, keepalive: true }).catch(() => {});
    this.#address = null;
  }

  abandon() { this.#giveUp(); }

  #set(state) {
    this.state = state;
    this.onChange();
  }

  #progress(bytes) {
    this.sent = Math.min(bytes, this.file.size);
    this.onChange();
  }

  #send(method, path, body, headers, before = 0) {
    const { signal } = this.#end;
    return asUser(() => sendBytes(method, path, body, { headers, signal, onProgress: (n) => this.#progress(before + n) }));
  }

  async run() {
    for (let attempt = 0; !this.#end.signal.aborted;) {
      this.#set('sending');
      const before = this.sent;
      try {
        await check(this.file);
        const inPieces = this.file.size > SMALL && !this.#use;
        this.result = await (inPieces ? this.#inPieces() : this.#inOne());
        this.sent = this.file.size;
        this.#set('done');
        return;
      } catch (problem) {
        if (this.#end.signal.aborted) return;
        this.problem = problem;
        if (!this.#mayPass(problem)) {
          this.#set('failed');
          return;
        }
        if (this.#address && this.sent > before) attempt = 0;
        this.#set('waiting');
        await this.#nap.sleep(Math.max(problem.retryAfter, backoff(attempt++, 300)));
      }
    }
  }

  #mayPass(problem) {
    if (!(problem instanceof Problem)) return false;
    // The server forgot it; from the beginning then, but not for ever.
    if (problem.status === 404 && this.#address) {
      this.#address = null;
      return this.#lost++ < 2;
    }
    return problem.passing || ['locked', 'other-offset'].includes(problem.slug);
  }

  async #inOne() {
    const { file } = this;
    const query = new URLSearchParams({ name: file.name, ...this.#use && { use: this.#use } });
    const headers = { 'Content-Type': file.type || 'application/octet-stream' };
    return (await this.#send('POST', `/v1/files?${query}`, file, headers)).data;
  }

  async #inPieces() {
    const { file } = this;
    let { offset, file: made } = this.#address ? await this.#ask() : await this.#begin();
    while (!made) {
      this.#progress(offset);
      const headers = { ...TUS, 'Upload-Offset': offset, 'Content-Type': 'application/offset+octet-stream' };
      const piece = file.slice(offset, offset + PIECE);
      if (piece.size > 0) await this.#send('PATCH', this.#address, piece, headers, offset);
      offset += piece.size;
      if (offset < file.size) continue;
      ({ file: made } = await this.#ask());
      if (!made) throw new Problem(503); // it is being looked at
    }
    return made;
  }

  async #begin() {
    const { name, type, size } = this.file;
    const metadata = [['filename', name], ['filetype', type]].filter(([, value]) => value);
    const { header } = await this.#send('POST', '/v1/uploads', null, {
      ...TUS, 'Upload-Length': size,
      'Upload-Metadata': metadata.map(([key, value]) => `${key} ${encoded(value)}`).join(','),
    });
    this.#address = header('Location');
    return { offset: 0 };
  }

  async #ask() {
    return (await this.#send('GET', this.#address, null, TUS)).data;
  }
}

addEventListener('online', () => active.forEach((upload) => upload.retry()));
addEventListener('pagehide', ({ persisted }) => !persisted && active.forEach((upload) => upload.abandon()));
