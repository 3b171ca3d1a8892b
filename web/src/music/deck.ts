// SPDX-License-Identifier: MIT
// One <audio> element that is kept in place: where it should be is asked again and again, small differences are made up
// for by playing a little faster or slower, which nobody hears, large ones by going there.
import type { Track } from './timeline';

const FAR = 1000; // milliseconds that are too many to make up for
const OFF = 25;
const IN_PLACE = 10;
const STEEP = 0.05; // of the speed, at most
const MAKE_UP = 1000; // in which a small difference is made up for
const SETTLE = 250; // after it has begun to sound
const UNSETTLED = 60; // such a difference right after the beginning is worth another attempt
const ATTEMPTS = 3;
const JUMP = 300; // what comes from its beginning is better a little late than with a jump
const LATE = 1500; // how late a device may be to begin, at most

export interface DeckEvents { blocked(): void; failed(track: Track): void }

// How late this device is to sound: when it has gone somewhere, and from the beginning of what was fetched before.
let [lead, headStart] = [0, 100];

const later = (before: number, drift: number): number => Math.min(LATE, Math.max(0, before - drift));

/** So many milliseconds before its time a track that was fetched is to be started. */
export const early = (): number => headStart;

export class Deck {
  readonly audio = document.createElement('audio');
  track: Track | null = null;
  #on: DeckEvents; #where: () => number | null; #starting = false; #attempts = 0; #isThere = false; #isPlain = false; #timer: ReturnType<typeof setTimeout> | undefined;

  /** where(): the milliseconds at which its track should be now; null: it should be silent. */
  constructor(on: DeckEvents, where: (deck: Deck) => number | null) {
    this.#on = on;
    this.#where = () => where(this);
    const { audio } = this;
    audio.preload = 'auto';
    audio.addEventListener('playing', () => this.#sounds());
    audio.addEventListener('error', () => { if (this.track) this.#on.failed(this.track); });
    document.body.append(audio);
  }

  /** Fetches the beginning of a track. */
  load(track: Track): void {
    this.stop();
    this.track = track;
    this.audio.dataset.track = String(track.id);
    this.audio.src = track.url;
  }

  pause(): void {
    clearTimeout(this.#timer);
    this.#starting = false;
    if (!this.audio.paused) this.audio.pause();
  }

  stop(): void {
    this.pause();
    if (!this.track) return;
    this.track = null;
    delete this.audio.dataset.track;
    this.audio.removeAttribute('src');
    this.audio.load();
  }

  /** How far it is ahead of where it should be, in milliseconds; null where that can't be said. */
  get drift(): number | null {
    const where = this.#where();
    return where === null ? null : this.audio.currentTime * 1000 - where;
  }

  /** Plays on, and gets nearer to where it should be. */
  follow(): void {
    const { audio, drift } = this;
    if (drift === null || this.#starting || audio.error) return;
    if (audio.ended && drift < 0) return; // the track is shorter than it was said to be
    if (audio.paused) void this.start();
    else if (!audio.seeking && audio.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA) this.#keep(drift);
  }

  #keep(drift: number): void {
    if (Math.abs(drift) > FAR) {
      this.#attempts = ATTEMPTS;
      this.#go();
    } else this.#adjust(drift);
  }

  /** Plays, from where it should be; from its beginning where it is not yet its turn. */
  async start(): Promise<void> {
    this.#starting = true;
    this.#attempts = ATTEMPTS;
    this.#isPlain = this.audio.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
    const { audio, track } = this;
    try {
      // What is there from its beginning on needs no seeking to begin at once.
      if (Math.abs(this.drift ?? 0) > OFF * 2) this.#go();
      await audio.play();
    } catch (why) {
      if (this.track !== track || !this.#starting) return;
      this.#starting = false;
      if ((why as Error).name === 'NotAllowedError') this.#on.blocked();
    }
  }

  // There a moment later than now, as it takes a moment.
  #go(): void {
    const where = this.#where();
    if (where === null) return;
    this.#isPlain = false;
    this.#isThere = this.audio.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
    this.audio.playbackRate = 1;
    this.audio.currentTime = (where + lead) / 1000;
  }

  // How long it takes to begin is known when it sounds, unless the track itself had to come first.
  #sounds(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#starting = false;
      const { drift } = this;
      if (drift === null) return;
      if (this.#isPlain) headStart = later(headStart, drift);
      if (Math.abs(drift) < (this.#isPlain ? JUMP : UNSETTLED) || this.#attempts-- <= 0) return;
      if (this.#isThere) lead = later(lead, drift);
      this.#go();
    }, SETTLE);
  }

  #adjust(drift: number): void {
    const { audio } = this;
    const size = Math.abs(drift);
    if (size < IN_PLACE) audio.playbackRate = 1;
    else if (size > OFF || audio.playbackRate !== 1) audio.playbackRate = 1 - Math.max(-STEEP, Math.min(STEEP, drift / MAKE_UP));
  }
}
