// SPDX-License-Identifier: MIT
// The events of one room, in the order of seq, each once, without holes. Pushed events and own
// messages go in by push(); what is missing is read from GET /v1/rooms/{id}/events, which is the truth.
// seq has no gaps, so "the page before" is simply the numbers before. No DOM here.
import { backoff, Nap } from './wait.js';

const PAGE = 50;
const MOST = 1000; // events per request when catching up
const TOO_FAR = 3000; // behind this many, starting anew is cheaper than catching up
const PATIENCE = 250; // an event that came early waits so long for those before it
const HOLE_TRIES = 3;
const NEWEST = Number.MAX_SAFE_INTEGER;

export class Stream {
  #fetch; #on;
  #head = null; #mid = null; #floor = 0; // #floor: everything after it is loaded
  #early = new Map(); #timer = 0; #nap = new Nap();
  #running = null; #again = false; #closed = false; #loading = null;

  // fetch(after, limit) resolves with { events, head }.
  // on.events(list): the next ones; on.older(list, rest): those before, rest tells if there are more;
  // on.reset(): forget everything; on.trouble(problem), null when it is over; on.lost(problem).
  constructor(fetch, on) {
    this.#fetch = fetch;
    this.#on = on;
  }

  get hasOlder() { return this.#floor > 0; }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#nap.wake();
  }

  // An event from anywhere: { seq, mid, type, data }.
  push(event) {
    if (this.#head !== null && event.seq <= this.#head) return;
    this.#early.set(event.seq, event);
    if (this.#head === null) return;
    this.#advance([]);
    if (this.#early.size > 0 && !this.#timer) {
      this.#timer = setTimeout(() => {
        this.#timer = 0;
        if (this.#early.size > 0) this.catchUp();
      }, PATIENCE);
    }
  }

  // Reads until nothing is missing. Called again while it runs, it runs once more.
  catchUp() {
    if (this.#closed) return Promise.resolve();
    if (this.#running) this.#again = true;
    else this.#running = this.#repeat().finally(() => { this.#running = null; });
    return this.#running;
  }

  // Reads the page before. Rejects with a Problem.
  older() {
    this.#loading ??= this.#readOlder().finally(() => { this.#loading = null; });
    return this.#loading;
  }

  async #readOlder() {
    if (this.#head === null || this.#floor === 0) return;
    const upTo = this.#floor;
    const from = Math.max(0, upTo - PAGE);
    const { events } = await this.#fetch(from, upTo - from);
    if (this.#closed || this.#floor !== upTo) return;
    this.#floor = from;
    this.#on.older(events.filter(({ seq }) => seq <= upTo));
  }

  async #repeat() {
    for (let attempt = 0; !this.#closed;) {
      this.#again = false;
      try {
        await this.#read();
        if (attempt > 0) this.#on.trouble(null);
        attempt = 0;
        if (!this.#again) return;
      } catch (problem) {
        if (this.#closed) return;
        if (problem.passing === false) {
          this.#on.lost(problem);
          return;
        }
        this.#on.trouble(problem);
        await this.#nap.sleep(Math.max(problem.retryAfter ?? 0, backoff(attempt++, 200)));
      }
    }
  }

  async #read() {
    if (this.#head === null) await this.#begin();
    for (let holes = 0; !this.#closed;) {
      // The last known event is asked for too: another mid tells that history was restored from a backup.
      const after = this.#mid === null ? this.#head : this.#head - 1;
      const { events, head } = await this.#fetch(after, MOST);
      if (this.#closed) return;
      const known = events.find(({ seq }) => seq === this.#head);
      if (head < this.#head || (known && this.#mid && known.mid !== this.#mid) || head > this.#head + TOO_FAR) {
        await this.#begin();
        continue;
      }
      const hole = this.#advance(events, holes >= HOLE_TRIES);
      if (this.#head >= head) return;
      holes = hole ? holes + 1 : 0;
      if (hole) await this.#nap.sleep(100);
    }
  }

  // The newest page comes first.
  async #begin() {
    const { head } = await this.#fetch(NEWEST, 1);
    if (this.#closed) return;
    if (this.#head !== null) this.#on.reset();
    this.#head = this.#floor = Math.max(0, head - PAGE);
    this.#mid = null;
  }

  // Takes what follows without a hole; with `leap`, what follows anyway. Whether there is a hole.
  #advance(events, leap = false) {
    const next = [];
    for (const event of events) this.#early.set(event.seq, event);
    for (const seq of [...this.#early.keys()].sort((a, b) => a - b)) {
      if (seq > this.#head + 1 && !leap) break;
      const event = this.#early.get(seq);
      this.#early.delete(seq);
      if (seq <= this.#head) continue;
      next.push(event);
      this.#head = seq;
      this.#mid = event.mid;
    }
    if (next.length > 0) this.#on.events(next);
    return this.#early.size > 0;
  }
}
