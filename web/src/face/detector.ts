// SPDX-License-Identifier: MIT
// Faces in pictures, which a worker looks for (web/worker/face.ts).

const SCRIPT = 'face.js';
const PATIENCE = 60000; // milliseconds: 240 kB come once
const SURE = 0.5; // of 1

interface Answer { score?: number; failed?: true }

export class Detector {
  #worker = new Worker(SCRIPT); #heard: ((answer: Answer) => void) | null = null;

  constructor() {
    this.#worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => this.#heard?.(data));
    this.#worker.addEventListener('error', () => this.#heard?.({ failed: true }));
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

  /** Whether there is one; a picture at a time, which is used up. Rejects if this browser can't tell. */
  async look(picture: Uint8ClampedArray): Promise<boolean> {
    const answer = this.#answer();
    this.#worker.postMessage(picture, [picture.buffer]);
    return ((await answer).score ?? 0) >= SURE;
  }

  /** Whoever waits hears of nobody. */
  close(): void {
    this.#heard?.({ score: 0 });
    this.#worker.terminate();
  }
}
