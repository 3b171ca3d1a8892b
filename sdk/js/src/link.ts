// SPDX-License-Identifier: MIT
// A websocket; where the network lets none through, Server-Sent Events, until a websocket works again.
import { Socket } from './socket.js';
import { Sse } from './sse.js';
import type { Authorize, Data, Listener, Place, State, StateInfo, Transport } from './transport.js';

const FAILURES = 2; // websockets in a row that were not greeted
const RETRY = 5 * 60000; // so long on Server-Sent Events before a websocket is tried again

export interface LinkOptions { socketUrl: string; sseUrl: string | null; authorize: Authorize; isQuiet?: (channel: string) => boolean }

export class Link implements Transport {
  state: State = 'stopped';
  #options: LinkOptions; #on: Listener; #channels = new Map<string, () => Place | null>();
  #socket: Socket; #sse: Sse | null = null; #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LinkOptions, on: Listener) {
    this.#options = options;
    this.#on = on;
    this.#socket = new Socket(options.socketUrl, options.authorize, {
      state: (state, info) => this.#socketIs(state, info),
      event: (...args) => { if (!this.#sse) on.event(...args); },
    });
  }

  start(): void { this.#socket.start(); }

  stop(): void {
    this.#leaveSse();
    this.#socket.stop();
  }

  // Where one is now, websockets may get through.
  wake(): void {
    this.#sse?.wake();
    if (this.#sse && this.#socket.state === 'stopped') this.#socket.start();
    else this.#socket.wake();
  }

  subscribe(channel: string, place: () => Place | null): void {
    this.#channels.set(channel, place);
    this.#socket.subscribe(channel, place);
    this.#sse?.subscribe(channel, place);
  }

  unsubscribe(channel: string): void {
    this.#channels.delete(channel);
    this.#socket.unsubscribe(channel);
    this.#sse?.unsubscribe(channel);
  }

  trigger(channel: string, event: string, data: Data): boolean {
    return (this.#sse ?? this.#socket).trigger(channel, event, data);
  }

  #set(state: State, info: StateInfo): void {
    this.state = state;
    this.#on.state(state, info);
  }

  #socketIs(state: State, info: StateInfo): void {
    if (state === 'connected') this.#leaveSse();
    if (this.#sse) {
      // Tried in passing; what counts is the other way.
      if (state === 'waiting') this.#rest();
      return;
    }
    if (state === 'waiting' && this.#socket.failures >= FAILURES && this.#mayUseSse()) {
      this.#startSse();
      this.#rest();
      return;
    }
    this.#set(state, info);
  }

  #mayUseSse(): boolean {
    return this.#options.sseUrl !== null && typeof EventSource !== 'undefined' && globalThis.navigator?.onLine !== false;
  }

  #startSse(): void {
    this.#sse = new Sse(this.#options.sseUrl!, async (channel) => {
      const { [channel]: grant } = await this.#options.authorize('1.1', [channel]).catch(() => ({ [channel]: { status: 0 } }));
      return grant?.status ?? 200;
    }, {
      state: (state, info) => { if (state !== 'stopped') this.#set(state, info); },
      event: (...args) => this.#on.event(...args),
    }, this.#options.isQuiet);
    for (const [channel, place] of this.#channels) this.#sse.subscribe(channel, place);
    this.#sse.start();
  }

  #leaveSse(): void {
    clearTimeout(this.#timer);
    const sse = this.#sse;
    this.#sse = null;
    sse?.stop();
  }

  // No websocket for a while.
  #rest(): void {
    this.#socket.stop();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#socket.start(), RETRY);
  }
}
