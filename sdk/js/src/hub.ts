// SPDX-License-Identifier: MIT
// The channels that this window listens to, over one connection for all windows of the browser. One window
// leads: it holds the Web Lock and the connection, and tells the others over a BroadcastChannel. When it is
// closed, the lock is free and another one leads. Without Web Locks (plain http) each window has its own.
//
// Nothing can get lost on that way that a lost connection would not lose as well: whoever hears `subscribed`
// asks for what is missing.
import { Emitter, guarded, type Off } from './emitter.js';
import { newId } from './id.js';
import { Presence } from './presence.js';
import { placeOf, type Data, type Listener, type Place, type State, type StateInfo, type Transport } from './transport.js';

const ANSWER = 4000; // milliseconds after which a leader that was asked and says nothing is replaced
const SILENCE = 15000; // after so many without a word from the leader it is asked

/** Hears the events of a channel, see Listener in transport.ts. */
export type ChannelHandler = (event: string, data: Data, user?: string) => void;

// One who listens. offered: the place that the running subscription was asked to go on from.
interface Ear { handler: ChannelHandler; place: () => Place | null; offered: Place | null }

/** What windows tell each other. `to`: a window, or undefined for all; `from` the sender; `since` when it began
 *  to lead, 0 if it does not. */
type Note = { from: string; to?: string; since: number } & (
  | { say: 'lead' | 'ask' | 'wake' }
  | { say: 'state'; state: State; info: StateInfo }
  | { say: 'event'; channel: string; event: string; data: Data; user?: string | undefined }
  | { say: 'want'; channels: [string, Place | null][] }
  | { say: 'drop'; channel: string }
  | { say: 'trigger'; channel: string; event: string; data: Data });

// What a note says, without who says it to whom.
type Words = Note extends infer N ? (N extends Note ? Omit<N, 'from' | 'to' | 'since'> : never) : never;

export interface HubOptions {
  connect: (on: Listener) => Transport;
  /** A name that windows of the same person share, asked at each start; null: this window has its own connection. */
  shared: () => string | null;
}

/** Channels of this window, over the connection of whichever window leads. `state`: of that connection. */
export class Hub extends Emitter<{ state: [State, StateInfo] }> {
  state: State = 'stopped';
  #options: HubOptions; #me = newId(); #channels = new Map<string, Set<Ear>>();
  #bus: BroadcastChannel | null = null; #name = ''; #since = 0; // of the youngest leader
  #timer: ReturnType<typeof setTimeout> | undefined; #waking: ReturnType<typeof setTimeout> | undefined;
  #queued: AbortController | null = null; #reign: object | null = null; // waiting to lead; leading
  #end: (() => void) | null = null; #resigned: (() => void) | null = null; // let go of the locks that are held
  #transport: Transport | null = null; // from here on, of the leader
  #wanted = new Map<string, Set<string>>(); // channel -> windows
  #seen = new Map<string, Presence | null>(); // channels that are subscribed
  #refused = new Set<string>(); // channels that will not be, on this connection
  #places = new Map<string, Place>(); // the last event that went by
  #watched = new Set<string>();

  constructor(options: HubOptions) {
    super();
    this.#options = options;
  }

  /** Whether this window has the connection. */
  get isLeader(): boolean { return this.#transport !== null; }

  start(): void {
    if (this.state !== 'stopped') return;
    const shared = this.#options.shared();
    this.#set('connecting', {});
    if (shared === null || typeof BroadcastChannel === 'undefined' || !globalThis.navigator?.locks) {
      this.#lead();
      return;
    }
    this.#name = shared;
    const bus = this.#bus = new BroadcastChannel(`maru.${shared}`);
    bus.onmessage = ({ data }: MessageEvent<Note>) => this.#hear(data);
    // As long as this lock is held, this window is there; see #watch.
    navigator.locks.request(`maru.window.${this.#me}`, () => {
      if (this.#bus !== bus) return undefined;
      this.#queue();
      this.#follow();
      return new Promise<void>((resolve) => { this.#end = resolve; });
    }).catch(() => { if (this.#bus === bus) this.#alone(); });
  }

  // Where the browser forbids Web Locks.
  #alone(): void {
    this.#bus?.close();
    this.#bus = null;
    this.#lead();
  }

  stop(): void {
    if (this.state === 'stopped') return;
    clearTimeout(this.#timer);
    clearTimeout(this.#waking);
    this.#queued?.abort();
    this.#queued = null;
    this.#resign();
    this.#end?.();
    this.#end = null;
    this.#bus?.close();
    this.#bus = null;
    this.#set('stopped', {});
  }

  /** The network may be back, or a frozen window leads: looks at once. */
  wake(): void {
    if (this.#transport) this.#transport.wake();
    else if (this.#bus) {
      this.#say({ say: 'wake' });
      this.#expectLeader(ANSWER);
    }
  }

  /** Listens to a channel; returns a function that ends it. place: where to go on after a loss. */
  subscribe(name: string, handler: ChannelHandler, place: () => Place | null = () => null): Off {
    let ears = this.#channels.get(name);
    if (!ears) this.#channels.set(name, ears = new Set());
    const ear: Ear = { handler, place, offered: null };
    ears.add(ear);
    this.#want([name]);
    return () => {
      if (!ears.delete(ear) || ears.size > 0) return;
      this.#channels.delete(name);
      if (this.#transport) this.#dropFor(this.#me, name);
      else this.#say({ say: 'drop', channel: name });
    };
  }

  // Where this window goes on in a channel: where the one who is farthest behind does.
  #place(name: string): Place | null {
    let first: Place | null = null;
    for (const ear of this.#channels.get(name) ?? []) {
      ear.offered = ear.place();
      if (ear.offered && (!first || ear.offered.seq < first.seq)) first = ear.offered;
    }
    return first;
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

  #tell(name: string, event: string, data: Data, user?: string): void {
    for (const { handler, offered } of [...this.#channels.get(name) ?? []]) {
      // Who could not say a place was not helped.
      const own = event === 'subscribed' ? { ...data, recovered: data.recovered === true && offered !== null } : data;
      guarded(() => handler(event, own, user));
    }
  }

  // ---- between the windows

  #say(words: Words, to?: string): void {
    this.#bus?.postMessage({ ...words, from: this.#me, since: this.#transport ? this.#since : 0, ...to && { to } });
  }

  #hear(note: Note): void {
    if (note.to && note.to !== this.#me) return;
    if (this.#transport) this.#asLeader(note);
    else this.#asFollower(note);
  }

  #asFollower(note: Note): void {
    // Neither other followers nor a leader that was replaced and does not know it yet.
    if (note.since === 0 || note.since < this.#since) return;
    this.#since = note.since;
    this.#expectLeader(SILENCE);
    if (note.say === 'lead') this.#follow();
    else if (note.say === 'state') {
      clearTimeout(this.#waking);
      // A window in the background may wait much longer than it wants to.
      if (note.state === 'waiting') this.#waking = setTimeout(() => this.#say({ say: 'wake' }), note.info.ms ?? 1000);
      this.#set(note.state, note.info);
    } else if (note.say === 'event') this.#tell(note.channel, note.event, note.data, note.user);
  }

  #asLeader(note: Note): void {
    const { from } = note;
    if (note.say === 'want') {
      this.#watch(from);
      for (const [name, place] of note.channels) this.#wantFor(from, name, place);
    } else if (note.say === 'drop') this.#dropFor(from, note.channel);
    else if (note.say === 'trigger') this.#transport!.trigger(note.channel, note.event, note.data);
    else if (note.say === 'ask') this.#say({ say: 'state', state: this.state, info: {} }, from);
    else if (note.say === 'wake') {
      this.#say({ say: 'state', state: this.state, info: {} }, from);
      this.#transport!.wake();
    }
  }

  // Leads at once if nobody does, else when the leader is gone.
  #queue(): void {
    if (this.#queued) return;
    const queued = this.#queued = new AbortController();
    this.#campaign({ signal: queued.signal }, () => { if (this.#queued === queued) this.#queued = null; });
  }

  // The lock is given back when this window leads no more.
  #campaign(how: LockOptions, granted: () => void): void {
    const bus = this.#bus;
    const reign = {};
    navigator.locks.request(`maru.lead.${this.#name}`, how, () => {
      granted();
      if (!bus || this.#bus !== bus) return undefined;
      this.#resign();
      this.#reign = reign;
      this.#lead();
      this.#say({ say: 'lead' });
      return new Promise<void>((resolve) => { this.#resigned = resolve; });
    }).catch(() => { // stopped while it waited, or replaced while it was frozen
      if (!bus || this.#bus !== bus) return;
      if (this.#reign === reign) this.#resign();
      this.#queue();
      this.#follow();
    });
  }

  #follow(): void {
    if (this.#transport) return;
    this.#say({ say: 'ask' });
    this.#want([...this.#channels.keys()]);
    this.#expectLeader(ANSWER);
  }

  // A leader that says nothing for so long is asked; one that does not answer, a window that the browser has
  // frozen, is replaced. A window that nobody sees leaves that to others.
  #expectLeader(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (!this.#bus || this.#transport) return;
      if (globalThis.document?.visibilityState === 'hidden') this.#expectLeader(SILENCE);
      else if (ms === ANSWER) this.#campaign({ steal: true }, () => {});
      else {
        this.#say({ say: 'ask' });
        this.#expectLeader(ANSWER);
      }
    }, ms);
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
    this.#since = Math.max(Date.now(), this.#since + 1);
    this.#transport = this.#options.connect({
      state: (state, info) => this.#transportIs(state, info),
      event: (...args) => this.#arrived(...args),
    });
    for (const name of this.#channels.keys()) this.#wantFor(this.#me, name, null);
    this.#transport.start();
  }

  #resign(): void {
    const transport = this.#transport;
    this.#transport = this.#reign = null;
    for (const of of [this.#wanted, this.#seen, this.#refused, this.#places, this.#watched]) of.clear();
    transport?.stop();
    this.#resigned?.();
    this.#resigned = null;
  }

  #transportIs(state: State, info: StateInfo): void {
    if (!this.#transport || state === 'stopped') return;
    if (state !== 'connected') this.#seen.clear();
    this.#refused.clear();
    this.#say({ say: 'state', state, info });
    this.#set(state, info);
  }

  #arrived(channel: string, event: string, data: Data, user?: string): void {
    if (event === 'subscribed') this.#seen.set(channel, channel.startsWith('presence-') ? new Presence() : null);
    this.#seen.get(channel)?.take(event, data);
    if (event === 'refused' || event === 'maru:unsubscribed') {
      this.#seen.delete(channel);
      this.#refused.add(channel);
    }
    if (event === 'maru:reset') this.#places.delete(channel);
    const place = placeOf(event, data);
    if (place) this.#places.set(channel, place);
    // What was recovered is so from where this window was; another one may be behind.
    this.#say({ say: 'event', channel, event, data: event === 'subscribed' ? { ...data, recovered: false } : data, user });
    this.#tell(channel, event, data, user);
  }

  #want(names: string[]): void {
    if (this.#transport) for (const name of names) this.#wantFor(this.#me, name, null);
    else if (this.#bus && names.length > 0) this.#say({ say: 'want', channels: names.map((name) => [name, this.#place(name)]) });
  }

  #wantFor(window: string, name: string, place: Place | null): void {
    const windows = this.#wanted.get(name);
    // For the first time, or again after a refusal: one may be in the room now.
    if (!windows || this.#refused.delete(name)) {
      this.#wanted.set(name, new Set([...windows ?? [], window]));
      this.#transport!.subscribe(name, () => this.#place(name) ?? this.#places.get(name) ?? place);
      return;
    }
    windows.add(window);
    const seen = this.#seen.get(name);
    if (seen === undefined) return; // its 'subscribed' is still to come
    const data = () => ({ ...seen?.snapshot, recovered: false });
    if (window !== this.#me) this.#say({ say: 'event', channel: name, event: 'subscribed', data: data() }, window);
    else queueMicrotask(() => { if (this.#seen.get(name) === seen) this.#tell(name, 'subscribed', data()); });
  }

  #dropFor(window: string, name: string): void {
    const windows = this.#wanted.get(name);
    if (!windows?.delete(window) || windows.size > 0) return;
    this.#wanted.delete(name);
    this.#seen.delete(name);
    this.#refused.delete(name);
    this.#places.delete(name);
    this.#transport?.unsubscribe(name);
  }
}
