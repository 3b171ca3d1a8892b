// SPDX-License-Identifier: MIT
// Server-Sent Events, for networks that break websockets. The channels stand in the address, so another
// one means another stream, which goes on at the places that are known; the events say in their id where
// each stream is, and a browser that comes back by itself tells the last one. Clients can't send here.
import { isGuarded, type Data, type Listener, type Place, type State, type StateInfo, type Transport } from './transport.js';
import { backoff } from './wait.js';

const GATHER = 50; // milliseconds in which further channels are waited for

export class Sse implements Transport {
  state: State = 'stopped';
  #address: string; #on: Listener; #mayListen: (channel: string) => Promise<number>;
  #source: EventSource | null = null; #channels = new Map<string, () => Place | null>(); #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined; #isQuiet: (channel: string) => boolean;

  /** address of /v1/realtime/sse. mayListen(channel) resolves with the HTTP status that asking for it has. */
  constructor(address: string, mayListen: (channel: string) => Promise<number>, on: Listener, isQuiet: (channel: string) => boolean = () => false) {
    this.#isQuiet = isQuiet;
    this.#address = address;
    this.#mayListen = mayListen;
    this.#on = on;
  }

  start(): void { this.#open(0); }

  stop(): void {
    this.#close();
    this.#set('stopped');
  }

  wake(): void {
    if (this.state === 'waiting') this.#open(0);
  }

  subscribe(channel: string, place: () => Place | null): void {
    this.#channels.set(channel, place);
    if (this.state !== 'stopped') this.#open(GATHER);
  }

  unsubscribe(channel: string): void {
    if (this.#channels.delete(channel) && this.state !== 'stopped') this.#open(GATHER);
  }

  trigger(): boolean { return false; }

  #set(state: State, info: StateInfo = {}): void {
    if (state === this.state && state !== 'waiting') return;
    this.state = state;
    this.#on.state(state, info);
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  #open(ms: number): void {
    if (this.state === 'stopped') this.#set('connecting');
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), ms);
  }

  #connect(): void {
    this.#close();
    if (this.#channels.size === 0) return;
    const source = this.#source = new EventSource(`${this.#address}?${this.#query}`, { withCredentials: true });
    source.onopen = () => {
      this.#attempt = 0;
      this.#set('connected');
    };
    source.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    source.onerror = () => {
      // 0: the browser comes back by itself. Else the answer was not a stream.
      if (source.readyState === EventSource.CLOSED) void this.#refused();
      else this.#set('waiting', {});
    };
  }

  // last_event_id is for the beginning of this stream; coming back by itself, the browser has a newer one.
  get #query(): URLSearchParams {
    const places = [...this.#channels].map(([channel, place]) => ({ channel, at: place() })).filter(({ at }) => at);
    const known = places.map(({ channel, at }) => `${channel}:${at!.seq}:${at!.mid}`).join(',');
    const names = [...this.#channels.keys()];
    const quiet = names.filter(this.#isQuiet).join(',');
    return new URLSearchParams({ channels: names.join(','), ...quiet && { quiet }, ...known && { last_event_id: known } });
  }

  #receive({ event, channel, data, user_id: user }: { event: string; channel?: string; data?: unknown; user_id?: string }): void {
    const value = (typeof data === 'string' ? JSON.parse(data || '{}') : data ?? {}) as Data;
    if (!channel || !this.#channels.has(channel)) return;
    const name = event === 'pusher_internal:subscription_succeeded' ? 'subscribed' : event.replace('pusher_internal:', '');
    this.#on.event(channel, name, value, user);
  }

  // An EventSource does not tell why; one channel may be what is refused.
  async #refused(): Promise<void> {
    this.#close();
    const ms = backoff(this.#attempt++, 200);
    this.#set('waiting', { ms });
    for (const channel of [...this.#channels.keys()].filter(isGuarded)) {
      const status = await this.#mayListen(channel);
      if (status !== 403 && status !== 404) continue;
      this.#channels.delete(channel);
      this.#on.event(channel, 'refused', { status });
    }
    if (this.state === 'waiting') this.#timer = setTimeout(() => this.#connect(), ms);
  }
}
