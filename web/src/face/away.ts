// SPDX-License-Identifier: MIT
// When somebody has gone, and when they are back.

const GONE = 30000; // milliseconds; who bends over a book or reaches for a pen has not gone
const LOOKS = 3; // a window that nobody sees may look once a minute only

export class Away {
  #seen: number; #empty = 0;

  /** at: when it begins, in milliseconds; somebody was there. */
  constructor(at: number) { this.#seen = at; }

  /** What is to be seen at a time. Returns whether nobody has been there for so long that they have gone. */
  look(isThere: boolean, at: number): boolean {
    if (isThere) {
      this.#seen = at;
      this.#empty = 0;
    } else this.#empty++;
    return this.#empty >= LOOKS && at - this.#seen >= GONE;
  }
}
