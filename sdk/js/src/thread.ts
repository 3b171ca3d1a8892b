// SPDX-License-Identifier: MIT
// A thread of an open room: a message and what was answered below it, as they stand now. Room.thread() makes
// one; close() it.
import { Emitter } from './emitter.js';
import type { Rest } from './rest.js';
import type { StreamEvent } from './stream.js';
import { Timeline } from './timeline.js';
import type { Message } from './types.js';

const PAGE = 50;
const OF_MESSAGES = /^(message|reaction|poll)/;

export class Thread extends Emitter<{ changed: [] }> {
  readonly root: number;
  /** The first message, then the answers. */
  readonly timeline: Timeline;
  #rest: Rest; #room: number; #older = true; #loading: Promise<void> | null = null; #leave: (thread: Thread) => void;
  #during: StreamEvent[] = []; // what happens while a page is under way, which may not know it

  constructor(rest: Rest, room: number, root: number, me: number, leave: (thread: Thread) => void) {
    super();
    this.#rest = rest;
    this.#room = room;
    this.root = root;
    this.timeline = new Timeline(me);
    this.#leave = leave;
  }

  /** Whether older() has something to read. */
  get hasOlder(): boolean { return this.#older; }

  /** Ends it; the room goes on. */
  close(): void { this.#leave(this); }

  /** Reads the page before, at first the newest one. Rejects with a Problem. */
  older(): Promise<void> {
    this.#loading ??= this.#page().finally(() => { this.#loading = null; });
    return this.#loading;
  }

  async #page(): Promise<void> {
    this.#during = [];
    const before = this.timeline.lines.find(({ seq }) => seq !== this.root)?.seq;
    const page = await this.#rest.get('/v1/rooms/{room}/messages/{message}/thread', { room: this.#room, message: this.root, limit: PAGE, ...before !== undefined && { before } });
    this.timeline.add(page.messages as Message[]);
    this.timeline.add([page.root as Message]);
    this.#older = page.next !== null;
    for (const event of this.#during) this.timeline.apply(event);
    this.emit('changed');
  }

  /** An event of the room. */
  apply(event: StreamEvent): void {
    const { type, data } = event;
    if (!OF_MESSAGES.test(type) || (type === 'message.created' && data.thread !== this.root)) return;
    if (this.#loading) this.#during.push(event);
    this.change((timeline) => timeline.apply(event));
  }

  /** Changes its messages, and tells if they look different. */
  change(work: (timeline: Timeline) => boolean): void {
    if (work(this.timeline)) this.emit('changed');
  }
}
