// SPDX-License-Identifier: MIT
// The channels that this window listens to, over one connection for all windows of the browser. One window
// leads: it holds the Web Lock and the connection, and tells the others over a BroadcastChannel. When it is
// closed, the lock is free and another one leads. Without Web Locks (plain http) each window has its own.
//
// Nothing can get lost on that way that a lost connection would not lose as well: whoever hears `subscribed`
// asks for what is missing.
import { Emitter, type Off } from './emitter.js';
import { newId } from './id.js';
import { Presence } from './presence.js';
import type { Data, Listener, Place, State, StateInfo, Transport } from './transport.js';

const ANSWER = 4000; // milliseconds after which a leader that says nothing is replaced

export type ChannelHandler = (event: string, data: Data) => void;

interface Channel { handlers: Set<ChannelHandler>; place: () => Place | null }

/** What windows tell each other. `to`: a window, or undefined for all; `from` the sender. */
type Note = { from: string; to?: string } & (
  | { say: 'lead' | 'ask' | 'wake' }
  | { say: 'state'; state: State; info: StateInfo }
  | { say: 'event'; channel: string; event: string; data: Data }
  | { say: 'want'; channels: [string, Place | null][] }
  | { say: 'drop'; channel: string }
  | { say: 'trigger'; channel: string; event: string; data: Data });

// What a note says, without who says it to whom.
type Words = Note extends infer N ? (N extends Note ? Omit<N, 'from' | 'to'> : never) : never;

export interface HubOptions {
  connect: (on: Listener) => Transport;
  /** A name that windows of the same person share; null: this window has its own connection. */
  shared: () => string | null;
}

export class Hub extends Emitter<{ state: [State, StateInfo] }> {
  state: State = 'stopped';
  #options: HubOptions; #shared: string | null = null; #me = newId(); #channels = new Map<string, Channel>(); #bus: BroadcastChannel | null = null;
  #transport: Transport | null = null; // of the leader
  #wanted = new Map<string, Set<string>>(); // of the leader: channel -> windows
  #seen = new Map<string, Presence | null>(); // of the leader: channels that are subscribed
  #places = new Map<string, Place>(); // of the leader: the last event that went by
  #watched = new Set<string>(); #end: (() => void) | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined; #waking: ReturnType<typeof setTimeout> | undefined;

  constructor(options: HubOptions) {
    super();
    this.#options = options;
  }

  get isLeader(): boolean { return this.#transport !== null; }

  start(): void {
    if (this.state !== 'stopped') return;
    const shared = this.#shared = this.#options.shared();
    this.#set('connecting', {});
    if (shared === null || typeof BroadcastChannel === 'undefined' || !globalThis.navigator?.locks) {
      this.#lead();
      return;
    }
    this.#bus = new BroadcastChannel(`maru.${shared}`);
    this.#bus.onmessage = ({ data }: MessageEvent<Note>) => this.#hear(data);
    // As long as this lock is held, this window is there; see #watch.
    void navigator.locks.request(`maru.window.${this.#me}`, () => new Promise<void>((resolve) => { this.#end = resolve; }));
    this.#campaign(false);
    this.#follow();
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#waking);
    this.#resign();
    this.#end?.();
    this.#bus?.close();
    this.#bus = null;
    this.#set('stopped', {});
  }

  wake(): void {
    if (this.#transport) this.#transport.wake();
    else if (this.#bus) {
      this.#say({ say: 'wake' });
      this.#expectLeader();
    }
  }

  /** Listens to a channel; returns a function that ends it. place: where to go on after a loss. */
  subscribe(name: string, handler: ChannelHandler, place: () => Place | null = () => null): Off {
    let channel = this.#channels.get(name);
    if (!channel) this.#channels.set(name, channel = { handlers: new Set(), place });
    channel.handlers.add(handler);
    this.#want([[name, place]]);
    return () => {
      channel.handlers.delete(handler);
      if (channel.handlers.size > 0 || this.#channels.get(name) !== channel) return;
      this.#channels.delete(name);
      if (this.#transport) this.#dropFor(this.#me, name);
      else this.#say({ say: 'drop', channel: name });
    };
  }

  /** An event for the others in a channel, `client-...`; lost where there is no connection. */
  trigger(channel: string, event: string, data: Data): void {
    if (this.#transport) this.#transport.trigger(channel, event, data);
    else this.#say({ say: 'trigger', channel, event, data });
  }

  #set(state: State, info: StateInfo): void {
    this.state = state;
    this.emit('state', state, info);
  }

  #tell(name: string, event: string, data: Data): void {
    for (const handler of [...this.#channels.get(name)?.handlers ?? []]) handler(event, data);
  }

  // ---- between the windows

  #say(words: Words, to?: string): void {
    this.#bus?.postMessage({ ...words, from: this.#me, ...to && { to } });
  }

  #hear(note: Note): void {
    if (note.to && note.to !== this.#me) return;
    if (this.#transport) this.#asLeader(note);
    else this.#asFollower(note);
  }

  #asFollower(note: Note): void {
    if (note.say === 'lead') this.#follow();
    else if (note.say === 'state') {
      clearTimeout(this.#timer);
      clearTimeout(this.#waking);
      // A window in the background may wait much longer than it wants to.
      if (note.state === 'waiting') this.#waking = setTimeout(() => this.#say({ say: 'wake' }), note.info.ms ?? 1000);
      this.#set(note.state, note.info);
    } else if (note.say === 'event') this.#tell(note.channel, note.event, note.data);
  }

  #asLeader(note: Note): void {
    const { from } = note;
    if (note.say === 'want') {
      this.#watch(from);
      for (const [name, place] of note.channels) this.#wantFor(from, name, () => place);
    } else if (note.say === 'drop') this.#dropFor(from, note.channel);
    else if (note.say === 'trigger') this.#transport!.trigger(note.channel, note.event, note.data);
    else if (note.say === 'ask') this.#say({ say: 'state', state: this.state, info: {} }, from);
    else if (note.say === 'wake') {
      this.#say({ say: 'state', state: this.state, info: {} }, from);
      this.#transport!.wake();
    }
  }

  // Asks to lead: at once if nobody does, else when the leader is gone; with `steal`, in place of a
  // leader that does not answer (a window that the browser has frozen).
  #campaign(steal: boolean): void {
    navigator.locks.request(`maru.lead.${this.#shared}`, { steal }, () => {
      if (!this.#bus) return undefined;
      this.#lead();
      this.#say({ say: 'lead' });
      return new Promise<void>((resolve) => { this.#resigned = resolve; });
    }).catch(() => {
      this.#resign();
      if (!this.#bus) return;
      this.#campaign(false);
      this.#follow();
    });
  }

  #resigned: (() => void) | null = null;

  #follow(): void {
    if (this.#transport) return;
    this.#say({ say: 'ask' });
    this.#want([...this.#channels].map(([name, { place }]) => [name, place]));
    this.#expectLeader();
  }

  #expectLeader(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#bus && !this.#transport && globalThis.document?.visibilityState !== 'hidden') this.#campaign(true);
    }, ANSWER);
  }

  // Its wishes end with it.
  #watch(from: string): void {
    if (this.#watched.has(from)) return;
    this.#watched.add(from);
    void navigator.locks.request(`maru.window.${from}`, () => {
      this.#watched.delete(from);
      for (const name of [...this.#wanted.keys()]) this.#dropFor(from, name);
    });
  }

  // ---- the leader

  #lead(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#waking);
    this.#transport = this.#options.connect({
      state: (state, info) => this.#transportIs(state, info),
      event: (channel, event, data) => this.#arrived(channel, event, data),
    });
    for (const [name, { place }] of this.#channels) this.#wantFor(this.#me, name, place);
    this.#transport.start();
  }

  #resign(): void {
    const transport = this.#transport;
    this.#transport = null;
    this.#wanted.clear();
    this.#seen.clear();
    this.#places.clear();
    this.#watched.clear();
    transport?.stop();
    this.#resigned?.();
    this.#resigned = null;
  }

  #transportIs(state: State, info: StateInfo): void {
    if (!this.#transport || state === 'stopped') return;
    if (state !== 'connected') this.#seen.clear();
    this.#set(state, info);
    this.#say({ say: 'state', state, info });
  }

  #arrived(channel: string, event: string, data: Data): void {
    if (event === 'subscribed') this.#seen.set(channel, channel.startsWith('presence-') ? new Presence() : null);
    this.#seen.get(channel)?.take(event, data);
    if (event === 'refused') this.#seen.delete(channel);
    if (typeof data.seq === 'number' && typeof data.mid === 'string') this.#places.set(channel, { seq: data.seq, mid: data.mid });
    this.#tell(channel, event, data);
    // What was recovered is so from where this window was; another one may be behind.
    this.#say({ say: 'event', channel, event, data: event === 'subscribed' ? { ...data, recovered: false } : data });
  }

  #want(channels: [string, () => Place | null][]): void {
    if (this.#transport) for (const [name, place] of channels) this.#wantFor(this.#me, name, place);
    else if (this.#bus && channels.length > 0) this.#say({ say: 'want', channels: channels.map(([name, place]) => [name, place()]) });
  }

  #wantFor(window: string, name: string, place: () => Place | null): void {
    const windows = this.#wanted.get(name);
    if (!windows) {
      this.#wanted.set(name, new Set([window]));
      this.#transport!.subscribe(name, () => this.#channels.get(name)?.place() ?? this.#places.get(name) ?? place());
      return;
    }
    windows.add(window);
    const seen = this.#seen.get(name);
    if (seen === undefined) return; // its 'subscribed' is still to come
    const data = { ...seen?.snapshot, recovered: false };
    if (window === this.#me) this.#tell(name, 'subscribed', data);
    else this.#say({ say: 'event', channel: name, event: 'subscribed', data }, window);
  }

  #dropFor(window: string, name: string): void {
    const windows = this.#wanted.get(name);
    if (!windows?.delete(window) || windows.size > 0) return;
    this.#wanted.delete(name);
    this.#seen.delete(name);
    this.#places.delete(name);
    this.#transport?.unsubscribe(name);
  }
}
