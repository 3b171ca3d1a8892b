// SPDX-License-Identifier: MIT
// Looks whether somebody sits at their desk, pauses their clock when they have gone, and lets it go on when they are back.
// What was paused by hand stays paused. The server hears of the pause, and of nothing else.
import { effect, untracked } from '@preact/signals';
import { rest } from '../maru';
import { own, sitsAt, type Desk } from '../study/own';
import { Away } from './away';
import { Camera } from './camera';
import { Detector } from './detector';
import { problem, studyingHere, wanted, watching } from './state';

const EVERY = 2000; // milliseconds between two looks
const LOCK = 'maru.face';

class Watch {
  #room: number; #end = false; #paused = false; // by us
  #away = new Away(Date.now()); #camera: Camera | null = null; #detector: Detector | null = null;
  #wake = (): void => {};

  constructor(room: number) { this.#room = room; }

  get #desk(): Desk | null {
    const desk = own.value?.desk ?? null;
    return desk?.room === this.#room ? desk : null;
  }

  /** Whether there is anything to look for: a clock that runs, or one that we have stopped. */
  get #isWanted(): boolean { return !this.#end && wanted.value && (this.#desk?.state === 'studying' || (this.#paused && this.#desk !== null)); }

  // The light goes out at once, also while the detector is still being loaded.
  #release(): void {
    this.#end = true;
    watching.value = false;
    this.#camera?.close();
    this.#detector?.close();
    this.#wake();
  }

  #sleep(): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(done, EVERY);
      this.#wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  }

  async #set(state: Desk['state']): Promise<void> {
    this.#paused = state === 'paused';
    try {
      sitsAt(await rest.put('/v1/rooms/{room}/desk', { room: this.#room }, { state }));
    } catch (error) {
      this.#paused = !this.#paused;
      throw error;
    }
  }

  #begin(): void {
    this.#paused = false;
    this.#away = new Away(Date.now());
  }

  async #look(camera: Camera, detector: Detector): Promise<void> {
    const picture = await camera.picture().catch(() => null);
    if (!picture) return;
    const isThere = await detector.look(picture);
    const state = this.#desk?.state;
    if (this.#end || !state) return;
    if (state === 'studying' && this.#paused) this.#begin(); // somebody let it go on by hand
    const isGone = this.#away.look(isThere, Date.now());
    const next = isGone && state === 'studying' ? 'paused' : isThere && this.#paused ? 'studying' : null;
    if (next) await this.#set(next).catch(() => {}); // the next look tries again
  }

  async run(): Promise<void> {
    if (!this.#isWanted) return; // another window had the camera meanwhile
    let off = (): void => {};
    try {
      const camera = this.#camera = await Camera.open();
      const detector = this.#detector = new Detector();
      watching.value = true;
      off = effect(() => {
        if (!this.#isWanted) untracked(() => this.#release());
      });
      while (this.#isWanted && !camera.isOver) {
        await this.#look(camera, detector);
        await this.#sleep();
      }
      if (!this.#end) problem.value = 'lost';
    } catch (error) {
      if (!this.#end) problem.value = error;
    } finally {
      off();
      this.#release();
    }
  }
}

let isRunning = false;

/** Begins to look at the desk in a room, unless it is being done. Another window has to be through first. */
export function watchDesk(room: number): void {
  if (isRunning) return;
  isRunning = true;
  problem.value = null;
  const run = () => new Watch(room).run();
  // Without locks the page came unprotected; then there is no camera, which is told.
  const done = navigator.locks ? navigator.locks.request(LOCK, run) : run();
  void Promise.resolve(done).finally(() => {
    isRunning = false;
    const now = studyingHere.peek();
    if (wanted.peek() && now > 0 && problem.peek() === null) watchDesk(now); // the clock was started again meanwhile
  });
}
