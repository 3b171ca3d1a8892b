// SPDX-License-Identifier: MIT
// One file on its way to the server. Small ones go in one request; large ones in pieces (tus 1.0), so
// that a broken connection costs one piece. What may pass is tried again by itself. For browsers.
import { Emitter } from './emitter.js';
import type { Http } from './http.js';
import { Problem } from './problem.js';
import type { FileInfo } from './types.js';
import { backoff, Nap } from './wait.js';
import { sendBytes, type BytesAnswer } from './xhr.js';

const SMALL = 8 << 20;
const PIECE = 4 << 20;
const AT_ONCE = 2;
const LATE = 1 << 20; // what is left of a file may be there before one is told so
const TUS = { 'Tus-Resumable': '1.0.0' };

const queue: Upload[] = [];
const active = new Set<Upload>();

function next(): void {
  while (queue.length > 0 && active.size < AT_ONCE) {
    const upload = queue.shift()!;
    active.add(upload);
    void upload.run().finally(() => {
      active.delete(upload);
      next();
    });
  }
}

// Base64 of UTF-8, as Upload-Metadata wants it.
const encoded = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

// A file that was moved, or is a folder, would look like a lost connection.
async function check(file: File): Promise<void> {
  if (file.size === 0) throw new Problem(400, { type: '/problems/empty-file' });
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch {
    throw new Problem(400, { type: '/problems/unreadable-file' });
  }
}

/** queued; sending; waiting: tried again by itself; done: see result; failed: only by hand, see problem. */
export type UploadState = 'queued' | 'sending' | 'waiting' | 'done' | 'failed';

/** An upload (tus 1.0, https://tus.io, where it is large). `changed`: its state or what has arrived. */
export class Upload extends Emitter<{ changed: [] }> {
  readonly file: File;
  state: UploadState = 'queued';
  /** Bytes that have arrived. */
  sent = 0;
  result: FileInfo | null = null;
  problem: Problem | null = null;
  #http: Http; #use: string; #address: string | null = null; #lost = 0; #nap = new Nap();
  #end = new AbortController(); // nobody wants it any more
  #cut = new AbortController(); // nor what is on its way

  /** use: '', or 'avatar' for a picture that gets a square one besides. */
  constructor(http: Http, file: File, use: '' | 'avatar' = '') {
    super();
    this.#http = http;
    this.file = file;
    this.#use = use;
    watchPage();
  }

  /** Two are under way at a time, others wait. */
  start(): void {
    this.#set('queued');
    queue.push(this);
    next();
  }

  /** By hand, or because the network seems to be back. */
  retry(): void {
    if (this.state === 'failed') this.start();
    else this.#nap.wake();
  }

  /** Nobody wants it any more, neither here nor on the server. */
  cancel(): void {
    this.#end.abort();
    this.#nap.wake();
    if (queue.includes(this)) queue.splice(queue.indexOf(this), 1);
    active.delete(this);
    next();
    if (this.result) this.#takeBack(this.result);
    // Broken off as late as that, it may have become a file all the same: the answer tells which one is to go.
    else if (this.state !== 'sending' || this.file.size - this.sent > LATE) {
      this.#cut.abort();
      this.abandon();
    }
  }

  /** Starts it, and resolves when it is done; rejects with the Problem that it failed of, or, cancelled, with
   *  that of a lost connection. */
  finished(): Promise<FileInfo> {
    return new Promise((resolve, reject) => {
      this.#end.signal.addEventListener('abort', () => reject(new Problem(0)));
      const off = this.on('changed', () => {
        if (this.state !== 'done' && this.state !== 'failed') return;
        off();
        if (this.result) resolve(this.result);
        else reject(this.problem);
      });
      this.start();
    });
  }

  /** The server counts those that are under way. keepalive: even if the page is closed meanwhile. */
  abandon(): void {
    if (this.#address) fetch(this.#full(this.#address), { method: 'DELETE', headers: this.#http.headers(TUS), keepalive: true }).catch(() => {});
    this.#address = null;
  }

  #takeBack({ id }: FileInfo): void { this.#http.call('DELETE', `/v1/files/${id}`).catch(() => {}); }

  #set(state: UploadState): void {
    this.state = state;
    this.#tell();
  }

  #tell(): void { if (!this.#end.signal.aborted) this.emit('changed'); }

  #progress(bytes: number): void {
    this.sent = Math.min(bytes, this.file.size);
    this.#tell();
  }

  #full(path: string): string { return path.startsWith('/') ? this.#http.base + path : path; }

  #send(method: string, path: string, body: Blob | null, headers: Record<string, string>, before = 0): Promise<BytesAnswer> {
    const { signal } = this.#cut;
    return this.#http.asUser(() => sendBytes(method, this.#full(path), body, {
      headers: this.#http.headers(headers), signal, onProgress: (n) => this.#progress(before + n),
    }));
  }

  async run(): Promise<void> {
    for (let attempt = 0; !this.#end.signal.aborted;) {
      this.#set('sending');
      const before = this.sent;
      try {
        await check(this.file);
        if (this.#end.signal.aborted) break;
        const inPieces = this.file.size > SMALL && !this.#use;
        const result = await (inPieces ? this.#inPieces() : this.#inOne());
        if (this.#end.signal.aborted) return this.#takeBack(result);
        this.result = result;
        this.sent = this.file.size;
        this.#set('done');
        return;
      } catch (problem) {
        if (this.#end.signal.aborted) break;
        if (!(problem instanceof Problem)) throw problem;
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
    this.abandon();
  }

  #mayPass(problem: Problem): boolean {
    // The server forgot it; from the beginning then, but not for ever.
    if (problem.status === 404 && this.#address) {
      this.#address = null;
      return this.#lost++ < 2;
    }
    return problem.passing || ['locked', 'other-offset'].includes(problem.slug);
  }

  async #inOne(): Promise<FileInfo> {
    const { file } = this;
    const query = new URLSearchParams({ name: file.name, ...this.#use && { use: this.#use } });
    const headers = { 'Content-Type': file.type || 'application/octet-stream' };
    return (await this.#send('POST', `/v1/files?${query}`, file, headers)).data as FileInfo;
  }

  async #inPieces(): Promise<FileInfo> {
    const { file } = this;
    let { offset, file: made } = this.#address ? await this.#ask() : await this.#begin();
    while (!made) {
      this.#progress(offset);
      const headers = { ...TUS, 'Upload-Offset': String(offset), 'Content-Type': 'application/offset+octet-stream' };
      const piece = file.slice(offset, offset + PIECE);
      if (piece.size > 0) await this.#send('PATCH', this.#address!, piece, headers, offset);
      offset += piece.size;
      if (offset < file.size) continue;
      ({ file: made } = await this.#ask());
      if (!made) throw new Problem(503); // it is being looked at
    }
    return made;
  }

  async #begin(): Promise<{ offset: number; file?: FileInfo }> {
    const { name, type, size } = this.file;
    const metadata = Object.entries({ filename: name, filetype: type }).filter(([, value]) => value);
    const { header } = await this.#send('POST', '/v1/uploads', null, {
      ...TUS, 'Upload-Length': String(size),
      'Upload-Metadata': metadata.map(([key, value]) => `${key} ${encoded(value)}`).join(','),
    });
    this.#address = header('Location');
    return { offset: 0 };
  }

  async #ask(): Promise<{ offset: number; file?: FileInfo }> {
    return (await this.#send('GET', this.#address!, null, TUS)).data as { offset: number; file?: FileInfo };
  }
}

let watched = false;
function watchPage(): void {
  if (watched || typeof addEventListener === 'undefined') return;
  watched = true;
  addEventListener('online', () => active.forEach((upload) => upload.retry()));
  addEventListener('pagehide', ({ persisted }) => { if (!persisted) active.forEach((upload) => upload.abandon()); });
}
