// SPDX-License-Identifier: MIT
// The connections to all others in a call, one for each window that takes part. Only those are talked to that the server names
// as taking part, and only if the server says that the words are theirs.
import { signal } from '@preact/signals';
import { maru } from '../maru';
import { SILENT, type Line, type LineOptions, type Other } from './line';
import { Link } from './peer';
import { mostFor } from './quality';
import type { CallMember } from './state';
import { Wire, type Part, type Signal } from './wire';

const EVERY = 2000; // milliseconds between two looks at the quality
const EVENT = 'client-signal';

interface Linked extends Other { link: Link }

export class Mesh implements Line {
  readonly others = signal<readonly Linked[]>([]);
  #options: LineOptions; #wire: Wire; #off: () => void; #timer: ReturnType<typeof setInterval>;
  #early = new Map<string, { user: string | undefined; signals: Signal[] }>(); // of strangers
  #subscribed = false;

  constructor(options: LineOptions) {
    this.#options = options;
    const channel = `presence-call-${options.call}`;
    this.#wire = new Wire(options.peer, (words) => maru.hub.trigger(channel, EVENT, words as never));
    this.#off = maru.listen(channel, (event, data, user) => {
      if (event === 'subscribed') this.#arrive();
      else if (event === EVENT) this.#hear(data as unknown as Signal, user);
    });
    this.#timer = setInterval(() => this.#measure(), EVERY);
  }

  #measure(): void {
    const all = this.others.peek();
    for (const { link } of all) void link.measure(mostFor(all.length));
  }

  #arrive(): void {
    this.#subscribed = true;
    this.#say(null, { hello: true });
  }

  #say(to: string | null, part: Part): void {
    this.#wire.say(to, part.hello ? { ...part, state: this.#options.on() } : part);
  }

  members(all: CallMember[]): void {
    const wanted = new Map(all.filter(({ peer }) => peer && peer !== this.#options.peer).map((one) => [one.peer!, one]));
    const kept = this.others.peek().filter(({ peer, link }) => wanted.has(peer) || link.close());
    const known = new Set(kept.map(({ peer }) => peer));
    const fresh = [...wanted.values()].filter(({ peer }) => !known.has(peer!)).map(({ peer, user }) => this.#meet(peer!, user));
    if (fresh.length > 0 || kept.length < this.others.peek().length) this.others.value = [...kept, ...fresh];
    for (const { peer } of fresh) {
      const { user, signals = [] } = this.#early.get(peer) ?? {};
      this.#early.delete(peer);
      for (const words of signals) this.#hear(words, user);
    }
  }

  #meet(peer: string, user: number): Linked {
    const { servers, tracks, peer: me } = this.#options;
    const link = new Link({ polite: me < peer, servers, tracks, say: (part) => this.#say(peer, part), changed: () => this.#changed(peer) });
    return { user, peer, link, state: link.state, on: null };
  }

  #changed(peer: string): void {
    this.others.value = this.others.peek().map((one) => (one.peer === peer ? { ...one, state: one.link.state } : one));
  }

  #hear(words: Signal, user: string | undefined): void {
    const { from, to, hello, state, ...part } = words;
    if (typeof from !== 'string' || (to !== null && to !== this.#options.peer)) return;
    const other = this.others.peek().find(({ peer }) => peer === from);
    if (!other) {
      this.#keep(words, user);
      return;
    }
    if (String(other.user) !== user) return;
    if (state) this.others.value = this.others.peek().map((one) => (one === other ? { ...one, on: { ...SILENT, ...state } } : one));
    if (hello && to === null) this.#say(from, { hello: true });
    if (hello) other.link.greet();
    if (part.description || part.candidates) other.link.hear(part);
  }

  // The news that somebody is in the call may come by a slower way than what they say.
  #keep(words: Signal, user: string | undefined): void {
    const kept = this.#early.get(words.from) ?? { user, signals: [] };
    if (this.#early.size > 30 || kept.signals.length > 30 || kept.user !== user) return;
    kept.signals.push(words);
    this.#early.set(words.from, kept);
    this.#options.stranger();
  }

  refresh(): void {
    for (const { link } of this.others.peek()) void link.refresh();
    if (this.#subscribed) this.#say(null, { state: this.#options.on() });
  }

  retry(): void {
    for (const { link, state } of this.others.peek()) if (state === 'failed') link.greet();
    this.#say(null, { hello: true });
  }

  close(): void {
    clearInterval(this.#timer);
    this.#off();
    this.#wire.close();
    for (const { link } of this.others.peek()) link.close();
    this.others.value = [];
  }
}
