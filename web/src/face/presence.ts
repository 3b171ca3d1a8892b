// SPDX-License-Identifier: MIT
// When somebody has left their desk, and when they are back: from what is seen there, and from what their clock does.
// Without a camera, a clock or a server, so that it can be tried without them.

const AWAY = 20000; // milliseconds; who bends over a book or reaches for a pen has not gone
const GAP = 10000; // nothing is known of what was between two looks that are further apart
const BACK = 2; // looks in a row; one could be an error

export type Act = 'paused' | 'studying';
/** here: the clock runs. away: it was stopped from here. The others: the server was asked. */
type Phase = 'here' | 'pausing' | 'away' | 'resuming';

export class Presence {
  #phase: Phase = 'here';
  #emptySince = -1; #lookedAt = 0; #faces = 0; // in a row

  /** The clock stands, or will, because nobody was there. */
  get isAway(): boolean { return this.#phase !== 'here'; }

  /** What is seen at a time, in milliseconds. Returns what the clock is to do; null: nothing. */
  look(there: boolean, at: number): Act | null {
    if (there) this.#emptySince = -1;
    else if (this.#emptySince < 0 || at - this.#lookedAt > GAP) this.#emptySince = at;
    this.#faces = there ? this.#faces + 1 : 0;
    this.#lookedAt = at;
    if (this.#phase === 'here' && !there && at - this.#emptySince >= AWAY) return this.#go('pausing', 'paused');
    if (this.#phase === 'away' && this.#faces >= BACK) return this.#go('resuming', 'studying');
    return null;
  }

  #go(phase: Phase, act: Act): Act {
    this.#phase = phase;
    return act;
  }

  /** The clock does that now, because of this or of somebody. */
  clock(state: 'paused' | 'studying'): void {
    if (state === 'paused' && this.#phase === 'pausing') this.#phase = 'away';
    if (state !== 'studying' || this.#phase === 'here' || this.#phase === 'pausing') return;
    this.#phase = 'here';
    this.#emptySince = -1; // whoever made it go on is given time
  }

  /** The server has not done what was asked for; it is tried again after as long. */
  failed(): void {
    this.#emptySince = -1;
    this.#faces = 0;
    if (this.#phase === 'pausing') this.#phase = 'here';
    if (this.#phase === 'resuming') this.#phase = 'away';
  }
}
