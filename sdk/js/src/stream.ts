// SPDX-License-Identifier: MIT
// The events of one stream, in the order of seq, each once, without holes. Pushed events and own
// messages go in by push(); what is missing is read from the log, which is the truth.
import { Problem } from './problem.js';
import { placeOf, type Data, type Place } from './transport.js';
import { backoff, Nap, sleep } from './wait.js';

const MOST = 1000; // events per request when catching up
const TOO_FAR = 3000; // behind this many, starting anew is cheaper than catching up
const PATIENCE = 250; // an event that came early waits so long for those before it
const HOLE_TRIES = 3;
const NEWEST = Number.MAX_SAFE_INTEGER;

/** A durable event, as /v1/rooms/{room}/events has it; the types are those of asyncapi.yaml. */
export interface StreamEvent { seq: number; mid: string; type: string; data: Data }
/** Reads up to `limit` events after a seq; rejects with a Problem. */
export type Fetch = (after: number, limit: number) => Promise<{ events: StreamEvent[]; head: number }>;

export interface StreamHandler {
  /** The next ones. */
  events(events: StreamEvent[]): void;
  /** From here on everything is told: what was read before may be older. */
  began?(): void;
  /** Forget everything: the history is another one, or too much was missed. */
  reset(): void;
  /** Reading fails and is tried again; null when it works again. */
  trouble?(problem: Problem | null): void;
  /** This stream is not ours any more. */
  lost(problem: Problem): void;
}

/** Follows the events of a room or a person, from where they stand when it begins. */
export class Stream {
  #fetch: Fetch; #on: StreamHandler;
  #head: number | null = null; #mid: string | null = null;
  #early = new Map<number, StreamEvent>(); #timer: ReturnType<typeof setTimeout> | undefined; #nap = new Nap();
  #running: Promise<void> | null = null; #again = false; #closed = false;

  constructor(fetch: Fetch, on: StreamHandler) {
    this.#fetch = fetch;
    this.#on = on;
  }

  #begun: () => void = () => {};
  /** Resolves when it is known where the stream stands. */
  readonly began = new Promise<void>((resolve) => { this.#begun = resolve; });

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

  /** What the stream's channel says; whether it was about the stream. */
  hear(event: string, data: Data): boolean {
    const place = placeOf(event, data);
    if (event === 'subscribed') {
      if (data.recovered !== true) void this.catchUp();
    } else if (event === 'maru:reset') void this.catchUp();
    else if (event === 'maru:head') {
      if (this.#head !== null && Number(data.head) > this.#head) void this.catchUp();
    } else if (place) this.push({ ...place, type: event, data });
    else return false;
    return true;
  }

  /** An event from anywhere. */
  push(event: StreamEvent): void {
    if (this.#closed || (this.#head !== null && event.seq <= this.#head)) return;
    this.#early.set(event.seq, event);
    if (this.#head === null) return;
    this.#advance([]);
    this.#expectRest();
  }

  // What came early is not kept waiting for ever.
  #expectRest(): void {
    if (this.#early.size === 0) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.#early.size > 0) void this.catchUp();
    }, PATIENCE);
  }

  /** Reads until nothing is missing. Called again while it runs, it runs once more, and without waiting
   *  any longer if it waits: whoever calls has reason to think that it will succeed. Never rejects. */
  catchUp(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    if (this.#running) {
      this.#again = true;
      this.#nap.wake();
      return this.#running;
    }
    return this.#running = this.#repeat();
  }

  async #repeat(): Promise<void> {
    try {
      for (let attempt = 0; !this.#closed;) {
        this.#again = false;
        const problem = await this.#attempt();
        if (this.#closed || (problem && !problem.passing)) return;
        if (problem || attempt > 0) this.#on.trouble?.(problem);
        if (!problem && !this.#again) return;
        attempt = problem ? attempt + 1 : 0;
        if (problem) await this.#nap.sleep(Math.max(problem.retryAfter, backoff(attempt - 1, 200)));
      }
    } finally {
      this.#running = null; // whoever calls from now on begins anew
    }
  }

  // Reads; null, or the problem there was.
  async #attempt(): Promise<Problem | null> {
    try {
      await this.#read();
      return null;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (!problem.passing && !this.#closed) this.#on.lost(problem);
      return problem;
    }
  }

  async #read(): Promise<void> {
    if (this.#head === null) await this.#begin();
    for (let holes = 0; !this.#closed && this.#head !== null;) {
      // The last known event is asked for too: another mid tells that history was restored from a backup.
      const [from, mid]: [number, string | null] = [this.#head, this.#mid];
      const { events, head } = await this.#fetch(Math.max(0, from - 1), MOST);
      if (this.#closed) return;
      // Held against what was asked from: pushed events may have overtaken the answer.
      const known = events.find(({ seq }) => seq === from);
      if (head < from || (known && mid && known.mid !== mid) || head > this.#head + TOO_FAR) {
        await this.#begin();
        continue;
      }
      if (this.#head === from) this.#mid ??= known?.mid ?? null;
      // A hole is not believed at once.
      const first = events.find(({ seq }) => seq > from)?.seq;
      if (holes >= HOLE_TRIES && first !== undefined && this.#head === from) this.#head = first - 1;
      this.#advance(events);
      if (this.#head >= head) break;
      holes = this.#head === from ? holes + 1 : 0;
      if (holes > 0) await sleep(100);
    }
    this.#expectRest();
  }

  // Where it stands now.
  async #begin(): Promise<void> {
    const { head } = await this.#fetch(NEWEST, 1);
    if (this.#closed) return;
    const isFirst = this.#head === null;
    this.#head = head;
    this.#mid = null;
    this.#begun();
    if (isFirst) this.#on.began?.();
    else {
      this.#early.clear(); // of the other history, perhaps
      this.#on.reset();
    }
  }

  // Takes what follows without a hole.
  #advance(events: StreamEvent[]): void {
    const next: StreamEvent[] = [];
    for (const event of events) this.#early.set(event.seq, event);
    for (const event of [...this.#early.values()].sort((a, b) => a.seq - b.seq)) {
      const head = this.#head!;
      if (event.seq > head + 1) break;
      this.#early.delete(event.seq);
      if (event.seq <= head) continue;
      next.push(event);
      this.#head = event.seq;
      this.#mid = event.mid;
    }
    if (next.length > 0) this.#on.events(next);
  }
}
