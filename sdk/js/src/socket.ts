// SPDX-License-Identifier: MIT
// The websocket: Pusher Channels, protocol 7. Keeps the connection, and on it the subscriptions that were
// asked for; after a loss it connects and subscribes again, with the place to go on from.
import { Problem } from './problem.js';
import { isGuarded, type Authorize, type Data, type Grant, type Listener, type Place, type State, type StateInfo, type Transport } from './transport.js';
import { backoff } from './wait.js';

const PONG_WAIT = 30000;
const HELLO_WAIT = 15000;
const SUBSCRIBE_TRIES = 3;
const AT_ONCE = 100; // channels, in a request for signatures

const parse = (data: unknown): Data => (typeof data === 'string' ? JSON.parse(data || '{}') : data ?? {}) as Data;

interface Entry { place: () => Place | null; tries: number }

/** A websocket that comes back by itself. authorize signs subscriptions of private and presence channels. */
export class Socket implements Transport {
  state: State = 'stopped';
  /** How many attempts in a row did not come to a greeting. */
  failures = 0;
  #url: string; #authorize: Authorize; #on: Listener;
  #ws: WebSocket | null = null; #id = ''; #channels = new Map<string, Entry>();
  #attempt = 0; #silence = 120000; #code = 0;
  #timer: ReturnType<typeof setTimeout> | undefined; #watch: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, authorize: Authorize, on: Listener) {
    this.#url = url;
    this.#authorize = authorize;
    this.#on = on;
  }

  start(): void {
    if (this.#ws) return;
    clearTimeout(this.#timer);
    this.#code = 0;
    this.failures++;
    this.#set('connecting');
    const ws = this.#ws = new WebSocket(this.#url);
    ws.onmessage = ({ data }) => { if (this.#ws === ws) this.#receive(data); };
    ws.onerror = () => {}; // close follows; but the sockets of Node's packages want to be listened to
    ws.onclose = ({ code }) => { if (this.#ws === ws) this.#lost(code); };
    this.#expect(HELLO_WAIT);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#drop();
    this.#set('stopped');
  }

  wake(): void {
    if (this.state === 'waiting') this.start();
    else if (this.state === 'connected') this.#ping();
  }

  subscribe(channel: string, place: () => Place | null): void {
    this.#channels.set(channel, { place, tries: 0 });
    if (this.state === 'connected') void this.#join([channel]);
  }

  unsubscribe(channel: string): void {
    this.#channels.delete(channel);
    this.#say({ event: 'pusher:unsubscribe', data: { channel } });
  }

  trigger(channel: string, event: string, data: Data): boolean {
    return this.#say({ event, channel, data });
  }

  #set(state: State, info: StateInfo = {}): void {
    this.state = state;
    this.#on.state(state, info);
  }

  #say(frame: object): boolean {
    if (this.state !== 'connected' || this.#ws?.readyState !== WebSocket.OPEN) return false;
    this.#ws.send(JSON.stringify(frame));
    return true;
  }

  // ---- the connection

  #drop(): void {
    clearTimeout(this.#watch);
    const ws = this.#ws;
    this.#ws = null;
    ws?.close();
  }

  #lost(closeCode: number): void {
    const code = closeCode >= 4000 ? closeCode : this.#code || closeCode;
    const first = this.#attempt === 0;
    this.#drop();
    if (code >= 4000 && code < 4100) {
      this.#set('ended', { code });
      return;
    }
    // 4200 to 4299 ask us back at once, but not again and again.
    let ms = backoff(this.#attempt, code >= 4100 && code < 4200 ? 1000 : 0);
    if (code >= 4200 && code < 4300 && first) ms = 0;
    this.#attempt++;
    this.#timer = setTimeout(() => this.start(), ms);
    this.#set('waiting', { ms });
  }

  // If nothing is heard for so long, the connection is dead.
  #expect(ms: number): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#lost(0), ms);
  }

  #ping(): void {
    this.#say({ event: 'pusher:ping', data: {} });
    this.#expect(PONG_WAIT);
  }

  #heard(): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#ping(), this.#silence);
  }

  #receive(text: string): void {
    const { event, channel, data, user_id: user } = JSON.parse(text);
    this.#heard();
    if (channel) this.#deliver(channel, event, parse(data), user);
    else if (event === 'pusher:connection_established') this.#established(parse(data));
    else if (event === 'pusher:ping') this.#say({ event: 'pusher:pong', data: {} });
    else if (event === 'pusher:error') this.#code = Number(parse(data).code ?? this.#code);
  }

  #established({ socket_id: id, activity_timeout: seconds }: Data): void {
    this.#id = String(id);
    this.#silence = Math.min(Number(seconds) || 120, 120) * 1000;
    this.failures = 0;
    this.#heard();
    const before = [...this.#channels.keys()]; // who subscribes on hearing the news does it by subscribe()
    this.#set('connected');
    void this.#join(before);
  }

  // ---- the channels

  #deliver(channel: string, event: string, data: Data, user?: string): void {
    const entry = this.#channels.get(channel);
    if (!entry) return;
    if (event === 'pusher:subscription_error') {
      this.#again(channel, entry, Number(data.status));
      return;
    }
    if (event === 'pusher_internal:subscription_succeeded') {
      this.#attempt = entry.tries = 0;
      event = 'subscribed';
    }
    this.#on.event(channel, event.replace('pusher_internal:', ''), data, user);
  }

  async #grants(names: string[]): Promise<Record<string, Grant>> {
    if (names.length === 0) return {};
    try {
      return await this.#authorize(this.#id, names);
    } catch (problem) {
      const status = problem instanceof Problem && !problem.passing ? problem.status : 0;
      return Object.fromEntries(names.map((name) => [name, { error: true, status }]));
    }
  }

  async #join(names: string[]): Promise<void> {
    const ws = this.#ws;
    if (names.length > AT_ONCE) void this.#join(names.slice(AT_ONCE));
    const wanted = new Map(names.slice(0, AT_ONCE).map((name) => [name, this.#channels.get(name)]));
    const grants = await this.#grants([...wanted.keys()].filter(isGuarded));
    for (const [channel, entry] of wanted) {
      if (!entry || this.#ws !== ws || this.#channels.get(channel) !== entry) continue;
      const grant = grants[channel] ?? {};
      if (grant.error === undefined) {
        const after = entry.place();
        this.#say({ event: 'pusher:subscribe', data: { channel, ...grant, ...after && { after } } });
      } else if (grant.status === 0) this.#again(channel, entry, 0);
      else this.#on.event(channel, 'refused', { status: grant.status });
    }
  }

  // A signature may have been too old, or the API away for a moment.
  #again(channel: string, entry: Entry, status: number): void {
    const ws = this.#ws;
    if (status !== 0 && entry.tries >= SUBSCRIBE_TRIES) {
      this.#on.event(channel, 'refused', { status });
      return;
    }
    setTimeout(() => {
      if (this.#ws === ws && this.#channels.get(channel) === entry) void this.#join([channel]);
    }, backoff(entry.tries++, 200));
  }
}
