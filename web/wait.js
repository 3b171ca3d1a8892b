// SPDX-License-Identifier: MIT
// Waiting between attempts: "full jitter", that is any time between nothing and a ceiling which
// doubles with every attempt. So a thousand clients that lost one server do not come back as one.
const FIRST = 1000;
const MOST = 30000;

// Milliseconds before the attempt of that number (0 is the first repetition).
export function backoff(attempt, least = 0) {
  return least + Math.random() * Math.min(MOST, FIRST * 2 ** attempt);
}

// A sleep that can be cut short from outside.
export class Nap {
  #end = null;

  sleep(ms) {
    this.wake();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.wake(), ms);
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  wake() {
    this.#end?.();
    this.#end = null;
  }
}
