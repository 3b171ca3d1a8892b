// SPDX-License-Identifier: MIT
// Listening to a room without being seen in it: the name of its channel with `#quiet` behind. A server knows one
// subscription of a channel on a connection, so while anybody wants the channel itself, that one serves both.
import type { Authorize, Data, Listener, Place, State, Transport } from './transport.js';

const MARK = '#quiet';

export const quietly = (channel: string): string => channel + MARK;

/** Which of these names are only listened to; for the authorization. */
export type IsQuiet = (channel: string) => boolean;
export type Connect = (authorize: Authorize, isQuiet: IsQuiet, on: Listener) => Transport;

interface Wish { open: (() => Place | null) | null; quiet: (() => Place | null) | null; there: boolean }

export class Quiet implements Transport {
  #inner: Transport; #on: Listener; #wishes = new Map<string, Wish>();

  constructor(connect: Connect, authorize: (...args: [...Parameters<Authorize>, string[]]) => ReturnType<Authorize>, on: Listener) {
    this.#on = on;
    const isQuiet = (channel: string) => this.#isQuiet(channel);
    this.#inner = connect((id, channels) => authorize(id, channels, channels.filter(isQuiet)), isQuiet, {
      state: (...args) => {
        for (const wish of this.#wishes.values()) wish.there = false;
        on.state(...args);
      },
      event: (...args) => this.#arrived(...args),
    });
  }

  get state(): State { return this.#inner.state; }
  start(): void { this.#inner.start(); }
  stop(): void { this.#inner.stop(); }
  wake(): void { this.#inner.wake(); }

  #isQuiet(channel: string): boolean {
    const wish = this.#wishes.get(channel);
    return wish !== undefined && wish.open === null;
  }

  subscribe(name: string, place: () => Place | null): void {
    const channel = name.replace(MARK, '');
    const wish = this.#wishes.get(channel) ?? { open: null, quiet: null, there: false };
    const before = this.#wishes.has(channel) ? this.#isQuiet(channel) : null;
    this.#wishes.set(channel, wish);
    wish[name === channel ? 'open' : 'quiet'] = place;
    if (before === null || (before && name === channel)) this.#again(channel, wish, before !== null);
    else if (wish.there) queueMicrotask(() => { if (this.#wishes.get(channel) === wish) this.#on.event(name, 'subscribed', { recovered: false }); });
  }

  unsubscribe(name: string): void {
    const channel = name.replace(MARK, '');
    const wish = this.#wishes.get(channel);
    if (!wish) return;
    wish[name === channel ? 'open' : 'quiet'] = null;
    if (wish.open === null && wish.quiet === null) {
      this.#wishes.delete(channel);
      this.#inner.unsubscribe(channel);
    } else if (name === channel) this.#again(channel, wish, true);
  }

  // Subscribes, in place of a subscription of the other kind.
  #again(channel: string, wish: Wish, instead: boolean): void {
    wish.there = false;
    if (instead) this.#inner.unsubscribe(channel);
    this.#inner.subscribe(channel, () => (wish.open ?? wish.quiet)?.() ?? null);
  }

  trigger(channel: string, event: string, data: Data): boolean { return this.#inner.trigger(channel, event, data); }

  // What was recovered is so from the place of who is in the room.
  #arrived(channel: string, event: string, data: Data, user?: string): void {
    const wish = this.#wishes.get(channel);
    if (!wish) return;
    if (event === 'subscribed') wish.there = true;
    if (wish.open) this.#on.event(channel, event, data, user);
    if (wish.quiet) this.#on.event(quietly(channel), event, event === 'subscribed' && wish.open ? { ...data, recovered: false } : data, user);
  }
}
