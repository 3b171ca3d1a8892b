// SPDX-License-Identifier: MIT
// Waiting between attempts: "full jitter", that is any time between nothing and a ceiling which
// doubles with every attempt. So a thousand clients that lost one server do not come back as one.
const FIRST = 1000;
const MOST = 30000;

/** Milliseconds before the attempt of that number (0 is the first repetition), at least `least`. */
export function backoff(attempt: number, least = 0): number {
  return least + Math.random() * Math.min(MOST, FIRST * 2 ** attempt);
}

/** Milliseconds. */
export const sleep = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

/** A sleep that can be cut short from outside. */
export class Nap {
  #end: (() => void) | null = null;

  sleep(ms: number): Promise<void> {
    this.wake();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.wake(), ms);
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  wake(): void {
    this.#end?.();
    this.#end = null;
  }
}
