// SPDX-License-Identifier: MIT
// What the windows in a call say to each other, as client events of the call's channel. The server lets one connection say
// ten of them a second, of 10 kB each: so what is for the same peer is gathered for a moment.
import type { TrackState } from './media';

/** to: a peer, null for all. hello: I am here, and heard nothing of you yet. feed: as which one publishes in Janus. */
export interface Signal { from: string; to: string | null; hello?: boolean; description?: RTCSessionDescriptionInit; candidates?: RTCIceCandidateInit[]; state?: TrackState; feed?: number }
export type Part = Omit<Signal, 'from' | 'to'>;

const GATHER = 100; // milliseconds
const APART = 130; // of two events
const MOST = 9500; // bytes of an event

const size = (signal: Signal): number => new TextEncoder().encode(JSON.stringify(signal)).length;

/** Says things in order, in few events. */
export class Wire {
  #from: string; #trigger: (signal: Signal) => void;
  #parts = new Map<string | null, Part>(); #timer: ReturnType<typeof setTimeout> | undefined; #last = 0;

  constructor(from: string, trigger: (signal: Signal) => void) {
    this.#from = from;
    this.#trigger = trigger;
  }

  say(to: string | null, part: Part): void {
    const before = this.#parts.get(to);
    // A later description takes the place of one that was not said yet, and its candidates with it.
    const candidates = part.description ? part.candidates : [...before?.candidates ?? [], ...part.candidates ?? []];
    const { candidates: _, ...rest } = { ...before, ...part };
    this.#parts.set(to, { ...rest, ...candidates?.length && { candidates } });
    this.#plan();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#parts.clear();
  }

  #plan(): void {
    if (this.#timer !== undefined || this.#parts.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#next();
      this.#plan();
    }, Math.max(GATHER, this.#last + APART - Date.now()));
  }

  #next(): void {
    const [to, part] = this.#parts.entries().next().value!;
    this.#parts.delete(to);
    this.#last = Date.now();
    const whole: Signal = { from: this.#from, to, ...part };
    const { candidates = [], ...first } = whole;
    if (candidates.length === 0 || size(whole) <= MOST) this.#trigger(whole);
    else if (part.description) {
      this.#trigger(first);
      this.#parts.set(to, { ...this.#parts.get(to), candidates });
    } else { // more of them than one would think there can be
      this.#trigger({ ...first, candidates: candidates.slice(0, 10) });
      if (candidates.length > 10) this.#parts.set(to, { candidates: candidates.slice(10) });
    }
  }
}
