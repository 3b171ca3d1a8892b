// SPDX-License-Identifier: MIT
// What is half written in a room, text and files. The files stay for this visit, the text longer, see keeper.ts. Who sends it while
// files are still on their way need not wait: it is sent as soon as they are there, in whatever room one is.
import { signal } from '@preact/signals';
import { Upload, type FileInfo } from 'maru-client';
import { maru } from '../maru';
import { formatOf } from './markdown';
import { keepDrafts, Keeper } from './keeper';

export const MOST = 10; // files of a message

export class Draft {
  readonly text = signal('');
  readonly uploads = signal<readonly Upload[]>([]);
  /** Goes up whenever an upload is further. */
  readonly moved = signal(0);
  /** To be sent as soon as the files are there. */
  readonly armed = signal(false);
  /** Some files were left out. */
  readonly isFull = signal(false);
  /** What the message is besides its text: an answer to another one ... */
  readonly more = signal<{ reply_to?: number }>({});
  readonly keeper: Keeper;
  #room: number;

  constructor(room: number) {
    this.#room = room;
    this.keeper = new Keeper(room, this);
  }

  get isEmpty(): boolean { return this.text.value.trim() === '' && this.uploads.value.length === 0; }
  get isReady(): boolean { return this.uploads.value.every(({ state }) => state === 'done'); }
  get hasFailed(): boolean { return this.uploads.value.some(({ state }) => state === 'failed'); }

  add(files: readonly File[]): void {
    if (files.length === 0) return;
    const taken = files.slice(0, MOST - this.uploads.value.length);
    this.isFull.value = taken.length < files.length;
    for (const file of taken) {
      const upload = new Upload(maru.http, file);
      this.uploads.value = [...this.uploads.value, upload];
      upload.on('changed', () => this.#moved());
      upload.start();
    }
  }

  remove(upload: Upload): void {
    this.uploads.value = this.uploads.value.filter((one) => one !== upload);
    upload.cancel();
    this.armed.value = this.isFull.value = false;
  }

  submit(): void {
    if (this.isEmpty) return;
    this.armed.value = !this.isReady && !this.hasFailed;
    if (this.isReady) this.#go();
  }

  #go(): void {
    const body = this.text.value.trim() ? this.text.value.replace(/\s+$/, '') : '';
    const files = this.uploads.value.map(({ result }) => result as FileInfo);
    const more = this.more.value;
    this.text.value = '';
    this.uploads.value = [];
    this.more.value = {};
    this.armed.value = this.isFull.value = false;
    maru.outbox(this.#room).add({ body, ...formatOf(body), ...more, ...files.length > 0 && { attachments: files.map(({ id }) => id) } }, { files });
  }

  #moved(): void {
    if (this.hasFailed) this.armed.value = false;
    if (this.armed.value && this.isReady) this.#go();
    this.moved.value++;
  }
}

const drafts = new Map<number, Draft>();

export function draftOf(room: number): Draft {
  keepDrafts((id) => draftOf(id).keeper);
  let draft = drafts.get(room);
  if (!draft) drafts.set(room, draft = new Draft(room));
  return draft;
}
