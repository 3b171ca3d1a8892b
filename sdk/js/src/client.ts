// SPDX-License-Identifier: MIT
// The beginning of everything: who one is, the REST API, the connection, the rooms.
import { Emitter, type Off } from './emitter.js';
import { Http } from './http.js';
import { Hub, type ChannelHandler } from './hub.js';
import { Link } from './link.js';
import { Outbox } from './outbox.js';
import { Quiet } from './quiet.js';
import { Rest } from './rest.js';
import { Room } from './room.js';
import { Session, type Me, type Tokens } from './session.js';
import { defaultStore, type Store } from './store.js';
import { Stream, type StreamEvent } from './stream.js';
import type { Authorize, State, StateInfo } from './transport.js';
import type { Message, NewMessage } from './types.js';
import { Problem } from './problem.js';

/** All of it can be left out in a page of the server. */
export interface ClientOptions {
  /** Where Maru is, 'https://chat.example.org'; left out: where the page comes from. */
  url?: string;
  /** app_key of maru.conf. */
  appKey?: string;
  /** cookies: a browser keeps the login in cookies that no script sees (only on Maru's own origin).
   *  tokens: the library keeps it in the store. A bot gives its token. */
  login?: 'cookies' | 'tokens' | { token: string };
  /** What is remembered, and where; see defaultStore(). */
  store?: Store;
  /** Whether all windows of the browser use one connection; true if left out. */
  share?: boolean;
}

type Events = {
  state: [State, StateInfo];
  /** The own account: after a login, a change, a logout (null). */
  me: [Me | null];
  /** The login has ended, by the server's word or in another window; one is disconnected. Who is logged in
   *  now, if anybody, is `me`: show a login form, or start() anew. */
  ended: [];
  /** What happens to oneself (private-user-<id>), in order, each once. */
  own: [StreamEvent];
  /** What is told to oneself but kept in no log: drafts, reading on another device. */
  signal: [string, Record<string, unknown>];
};

const OUTBOXES = 'outboxes';

/** A person, or a bot, at a server. */
export class MaruClient extends Emitter<Events> {
  readonly session: Session;
  readonly http: Http;
  readonly rest: Rest;
  readonly hub: Hub;
  #store: Store; #outboxes = new Map<number, Outbox>(); #own: Stream | null = null; #offs: Off[] = []; #leaving = false;

  constructor({ url = '', appKey = 'maru', login, store = defaultStore(), share = true }: ClientOptions = {}) {
    super();
    const base = url.replace(/\/$/, '');
    this.#store = store;
    this.session = new Session(store, (login ?? 'cookies') === 'cookies');
    if (typeof login === 'object') this.session.keepToken(login.token);
    this.http = new Http(base, this.session);
    this.rest = new Rest(this.http);
    this.session.on('changed', (me) => {
      if (!me) this.#forgetOutboxes();
      this.emit('me', me);
    });
    this.session.on('ended', () => {
      if (this.#leaving) return; // that is what was wanted
      this.close();
      this.emit('ended');
    });
    const socketUrl = `${(base || location.origin).replace(/^http/, 'ws')}/app/${appKey}?protocol=7&client=maru-client&version=0.1.0`;
    const sseUrl = this.session.inCookies ? `${base}/v1/realtime/sse` : null;
    this.hub = new Hub({
      connect: (on) => new Quiet((authorize, isQuiet, listener) => new Link({ socketUrl, sseUrl, authorize, isQuiet }, listener), this.#authorize, on),
      shared: () => (share && this.session.inCookies ? `${base}.${this.me?.id ?? 0}` : null),
    });
    this.hub.on('state', (state, info) => this.#stateIs(state, info));
  }

  /** Who is logged in, as far as this device knows. */
  get me(): Me | null { return this.session.me; }
  /** Of the connection. */
  get state(): State { return this.hub.state; }

  // ---- the login

  /** Resolves with the own account. Rejects with a Problem: 401 bad-login, 429 throttled ... */
  async logIn(name: string, password: string): Promise<Me> {
    const tokens = await this.http.send('POST', '/v1/sessions', { name, password }) as Tokens;
    this.session.keep(tokens);
    return tokens.user;
  }

  /** Makes an account and logs in. Rejects with a Problem: 409 name-taken, 422 with `fields` ... */
  async signUp(name: string, nickname: string, password: string): Promise<Me> {
    await this.http.send('POST', '/v1/users', { name, nickname, password });
    return this.logIn(name, password);
  }

  /** Comes into a room without an account, where the room lets guests in. Rejects with a Problem: 404 for any other room,
   *  403 bad-room-password, 409 nickname-taken or room-full, 429 throttled ... */
  async enter(room: number, nickname: string, password?: string): Promise<Me> {
    const tokens = await this.http.send('POST', '/v1/guests', { room, nickname, ...password !== undefined && { password } }) as Tokens;
    this.session.keep(tokens);
    return tokens.user;
  }

  /** Makes an account of the guest that one is; rooms and messages stay. Rejects with a Problem: 409 name-taken, 422 ... */
  async upgrade(name: string, password: string): Promise<Me> {
    const user = await this.rest.put('/v1/guests/me', {}, { name, password }) as Me;
    this.session.keepMe(user);
    return user;
  }

  /** Ends the login, here and on the server. Rejects with a Problem if the server can't be told: then one is still
   *  logged in, as only the server can take the cookies away. */
  async logOut(): Promise<void> {
    this.#leaving = true;
    try {
      await this.rest.delete('/v1/sessions/current', {});
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 401) throw problem;
    } finally {
      this.#leaving = false;
    }
    this.close();
    this.session.drop();
  }

  // ---- the connection

  /** Connects, and keeps connected, until close(). Asks who one is where that is not known; rejects with the Problem
   *  that this has, 401 if nobody is logged in. */
  async start(): Promise<void> {
    let { me } = this;
    if (!me) this.session.keepMe(me = await this.rest.get('/v1/users/me', {}) as Me);
    if (this.#own && this.hub.state !== 'ended') return;
    if (this.#own) this.close();
    this.#follow(me.id);
    this.#watchPage(me.id);
    this.hub.start();
    for (const outbox of this.#outboxes.values()) outbox.resume();
    for (const room of this.#noted(me.id)) this.outbox(room);
  }

  /** Disconnects. What is in the outboxes is sent after the next start(). */
  close(): void {
    for (const off of this.#offs) off();
    this.#offs = [];
    this.#own?.close();
    this.#own = null;
    this.hub.stop();
    for (const outbox of this.#outboxes.values()) outbox.pause();
  }

  /** Any channel: `lobby`, `presence-lobby`, one of an application. Events come as they come. */
  listen(channel: string, handler: ChannelHandler): Off {
    return this.hub.subscribe(channel, handler);
  }

  #authorize = async (socketId: string, channels: string[], quiet: string[]): ReturnType<Authorize> => {
    const answer = await this.http.call('POST', '/v1/realtime/auth', { socket_id: socketId, channels, ...quiet.length > 0 && { quiet } });
    return (answer as { channels: Awaited<ReturnType<Authorize>> }).channels;
  };

  #stateIs(state: State, info: StateInfo): void {
    this.emit('state', state, info);
    if (state === 'connected') this.#wakeOutboxes();
    // Logged out elsewhere? Then a 401 ends it here too.
    if (state === 'ended' && !this.#leaving) this.rest.get('/v1/users/me', {}).catch(() => {});
  }

  #watchPage(me: number): void {
    if (typeof addEventListener === 'undefined') return;
    const back = () => {
      this.hub.wake();
      this.#wakeOutboxes();
    };
    const seen = () => { if (!document.hidden) this.hub.wake(); };
    const stored = () => this.#lookAgain(me);
    addEventListener('online', back);
    addEventListener('storage', stored);
    globalThis.document?.addEventListener('visibilitychange', seen);
    this.#offs.push(() => {
      removeEventListener('online', back);
      removeEventListener('storage', stored);
      globalThis.document?.removeEventListener('visibilitychange', seen);
    });
  }

  // Another window may have logged out, or somebody else in.
  #lookAgain(me: number): void {
    if (this.me?.id === me) return;
    if (!this.me) {
      this.session.end();
      return;
    }
    this.close();
    this.#forgetOutboxes();
    this.emit('me', this.me);
    this.emit('ended');
  }

  // ---- what happens to oneself

  #follow(me: number): void {
    const reset = (): void => this.emit('own', { seq: 0, mid: '', type: 'reset', data: {} });
    const stream = this.#own = new Stream(async (after, limit) => {
      const page = await this.rest.get('/v1/users/me/events', { after, limit }, { tries: 1 });
      return page as unknown as { events: StreamEvent[]; head: number };
    }, {
      events: (events) => { for (const event of events) this.#happened(event); },
      began: reset,
      reset,
      lost: () => {},
    });
    this.#offs.push(this.hub.subscribe(`private-user-${me}`, (event, data) => {
      if (!stream.hear(event, data)) this.emit('signal', event, data);
    }, () => stream.place));
  }

  #happened(event: StreamEvent): void {
    if (event.type === 'user.updated') this.session.keepMe({ ...this.me, ...event.data } as Me);
    this.emit('own', event);
  }

  // ---- rooms

  /** Opens a room that one is in, after start(); close() it. */
  room(id: number): Room { return new Room(this, id); }

  /** What is to be sent in a room; it goes on whether the room is open or not. */
  outbox(room: number): Outbox {
    let outbox = this.#outboxes.get(room);
    if (outbox) return outbox;
    const me = this.me?.id ?? 0;
    const send = async (message: NewMessage): Promise<Message> => await this.rest.post('/v1/rooms/{room}/messages', { room }, message) as Message;
    this.#outboxes.set(room, outbox = new Outbox(send, this.#store, `outbox.${me}.${room}`));
    outbox.on('changed', () => this.#noteOutbox(me, room, outbox!.isKept));
    return outbox;
  }

  #wakeOutboxes(): void {
    for (const outbox of this.#outboxes.values()) outbox.wake();
  }

  // Which rooms have something to be sent, for the next visit. Other windows note theirs in the same list.
  #noted(me: number): number[] {
    return JSON.parse(this.#store.get(`${OUTBOXES}.${me}`) ?? '[]') as number[];
  }

  #noteOutbox(me: number, room: number, isKept: boolean): void {
    const others = this.#noted(me).filter((other) => other !== room);
    const rooms = isKept ? [...others, room] : others;
    if (rooms.length > 0) this.#store.set(`${OUTBOXES}.${me}`, JSON.stringify(rooms));
    else this.#store.remove(`${OUTBOXES}.${me}`);
  }

  // They are of somebody who is not logged in any more.
  #forgetOutboxes(): void {
    for (const outbox of this.#outboxes.values()) outbox.pause();
    this.#outboxes.clear();
  }
}
