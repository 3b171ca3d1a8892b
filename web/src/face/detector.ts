// SPDX-License-Identifier: MIT
// Faces in pictures. The library that looks wants to make functions of texts, which the page's policy rightly forbids; so it
// lives in a frame without an origin, which can reach nothing of the page and none of the network.

const PAGE = 'face/';
const PATIENCE = 60000; // milliseconds: 2 MB come once, and a slow device translates them

interface Answer { ready?: true; faces?: number; failed?: true }

export class Detector {
  #frame = document.createElement('iframe'); #heard: ((answer: Answer) => void) | null = null; #ready: Promise<void>;
  #listen = ({ source, data }: MessageEvent<Answer>): void => { if (source === this.#frame.contentWindow) this.#heard?.(data); };

  constructor() {
    this.#frame.src = PAGE;
    this.#frame.hidden = true;
    this.#frame.setAttribute('sandbox', 'allow-scripts');
    this.#frame.setAttribute('aria-hidden', 'true');
    addEventListener('message', this.#listen);
    this.#ready = this.#answer().then(() => {});
    this.#ready.catch(() => {}); // told to whoever looks
    document.body.append(this.#frame);
  }

  #answer(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => reject(new Error('no answer')), PATIENCE);
      this.#heard = (answer) => {
        clearTimeout(patience);
        if (answer.failed) reject(new Error('cannot look'));
        else resolve(answer);
      };
    });
  }

  /** How many there are; one picture at a time, which is used up. Rejects if this browser can't tell. */
  async look(picture: ImageBitmap): Promise<number> {
    await this.#ready;
    const answer = this.#answer();
    this.#frame.contentWindow?.postMessage(picture, '*', [picture]);
    return (await answer).faces ?? 0;
  }

  /** Whoever waits hears of nobody. */
  close(): void {
    this.#heard?.({ faces: 0 });
    removeEventListener('message', this.#listen);
    this.#frame.remove();
  }
}
