// SPDX-License-Identifier: MIT
// The events of one stream, in the order of seq, each once, without holes. Pushed events and own
// messages go in by push(); what is missing is read from the log, which is the truth.
// seq has no gaps, so "the page before" is simply the numbers before.
import { Problem } from './problem.js';
import type { Data, Place } from './transport.js';
import { backoff, Nap } from './wait.js';

const PAGE = 50;
const MOST = 1000; // events per request when catching up
const TOO_FAR = 3000; // behind this many, starting anew is cheaper than catching up
const PATIENCE = 250; // an event that came early waits so long for those before it
const HOLE_TRIES = 3;
const NEWEST = Number.MAX_SAFE_INTEGER;

export interface StreamEvent { seq: number; mid: string; type: string; data: Data }
export type Fetch = (after: number, limit: number) => Promise<{ events: StreamEvent[]; head: number }>;

export interface StreamHandler {
  /** The next ones. */
  events(events: StreamEvent[]): void;
  /** Those before the first. */
  older?(events: StreamEvent[]): void;
  /** Forget everything: the history is another one, or too much was missed. */
  reset(): void;
  /** Reading fails and is tried again; null when it works again. */
  trouble?(problem: Problem | null): void;
  /** This stream is not ours any more. */
  lost(problem: Problem): void;
}

export class Stream {
  #fetch: Fetch; #on: StreamHandler; #page: number;
  #head: number | null = null; #mid: string | null = null; #floor = 0; // #floor: everything after it is loaded
  #early = new Map<number, StreamEvent>(); #timer: ReturnType<typeof setTimeout> | undefined; #nap = new Nap();
  #running: Promise<void> | null = null; #again = false; #closed = false; #loading: Promise<void> | null = null;

  /** page: how many of the newest events are read at the beginning; 0: only what comes from now on. */
  constructor(fetch: Fetch, on: StreamHandler, page = PAGE) {
    this.#fetch = fetch;
    this.#on = on;
    this.#page = page;
  }

  get hasOlder(): boolean { return this.#floor > 0; }
  get isLoaded(): boolean { return this.#head !== null; }
  /** The number of the last event that was told. */
  get head(): number { return this.#head ?? 0; }

  /** Where to go on from, for a subscription. */
  get place(): Place | null {
    return this.#head !== null && this.#mid !== null ? { seq: this.#head, mid: this.#mid } : null;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#nap.wake();
  }

  /** An event from anywhere. */
  push(event: StreamEvent): void {
    if (this.#closed || (this.#head !== null && event.seq <= this.#head)) return;
    this.#early.set(event.seq, event);
    if (this.#head === null) return;
    this.#advance([]);
    if (this.#early.size > 0) {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        if (this.#early.size > 0) void this.catchUp();
      }, PATIENCE);
    }
  }

  /** The server says where the stream stands; reads on if that is further. */
  stands(head: number): void {
    if (this.#head !== null && head > this.#head) void this.catchUp();
  }

  /** Reads until nothing is missing. Called again while it runs, it runs once more. */
  catchUp(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    if (this.#running) this.#again = true;
    else this.#running = this.#repeat().finally(() => { this.#running = null; });
    return this.#running;
  }

  /** Reads the page before. Rejects with a Problem. */
  older(): Promise<void> {
    this.#loading ??= this.#readOlder().finally(() => { this.#loading = null; });
    return this.#loading;
  }

  async #readOlder(): Promise<void> {
    if (this.#head === null || this.#floor === 0) return;
    const upTo = this.#floor;
    const from = Math.max(0, upTo - PAGE);
    const { events } = await this.#fetch(from, upTo - from);
    if (this.#closed || this.#floor !== upTo) return;
    this.#floor = from;
    this.#on.older?.(events.filter(({ seq }) => seq <= upTo));
  }

  async #repeat(): Promise<void> {
    for (let attempt = 0; !this.#closed;) {
      this.#again = false;
      try {
        await this.#read();
        if (attempt > 0) this.#on.trouble?.(null);
        attempt = 0;
        if (!this.#again) return;
      } catch (problem) {
        if (this.#closed) return;
        if (!(problem instanceof Problem)) throw problem;
        if (!problem.passing) {
          this.#on.lost(problem);
          return;
        }
        this.#on.trouble?.(problem);
        await this.#nap.sleep(Math.max(problem.retryAfter, backoff(attempt++, 200)));
      }
    }
  }

  async #read(): Promise<void> {
    if (this.#head === null) await this.#begin();
    for (let holes = 0; !this.#closed && this.#head !== null;) {
      // The last known event is asked for too: another mid tells that history was restored from a backup.
      const { events, head } = await this.#fetch(Math.max(0, this.#head - 1), MOST);
      if (this.#closed) return;
      const known = events.find(({ seq }) => seq === this.#head);
      if (head < this.#head || (known && this.#mid && known.mid !== this.#mid) || head > this.#head + TOO_FAR) {
        await this.#begin();
        continue;
      }
      this.#mid ??= known?.mid ?? null;
      const hole = this.#advance(events, holes >= HOLE_TRIES);
      if (this.#head >= head) return;
      holes = hole ? holes + 1 : 0;
      if (hole) await this.#nap.sleep(100);
    }
  }

  // The newest page comes first.
  async #begin(): Promise<void> {
    const { head } = await this.#fetch(NEWEST, 1);
    if (this.#closed) return;
    if (this.#head !== null) this.#on.reset();
    this.#head = this.#floor = Math.max(0, head - this.#page);
    this.#mid = null;
  }

  // Takes what follows without a hole; with `leap`, what follows anyway. Whether there is a hole.
  #advance(events: StreamEvent[], leap = false): boolean {
    const next: StreamEvent[] = [];
    for (const event of events) this.#early.set(event.seq, event);
    for (const event of [...this.#early.values()].sort((a, b) => a.seq - b.seq)) {
      const head = this.#head!;
      if (event.seq > head + 1 && !leap) break;
      this.#early.delete(event.seq);
      if (event.seq <= head) continue;
      next.push(event);
      this.#head = event.seq;
      this.#mid = event.mid;
    }
    if (next.length > 0) this.#on.events(next);
    return this.#early.size > 0;
  }
}
