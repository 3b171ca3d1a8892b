// SPDX-License-Identifier: MIT
// One open room: its messages as they stand, who is here, who has read what, and the outbox. Nothing that
// happens in the room is missed, doubled or out of order, however often the connection breaks.
import type { MaruClient } from './client.js';
import { Emitter, type Off } from './emitter.js';
import { Names, type MemberPage } from './names.js';
import type { Outbox, OutboxItem } from './outbox.js';
import { Presence } from './presence.js';
import { Problem } from './problem.js';
import { Readers } from './readers.js';
import { Stream, type StreamEvent } from './stream.js';
import { Thread } from './thread.js';
import { Timeline } from './timeline.js';
import type { Data } from './transport.js';
import type { Message } from './types.js';

const PAGE = 50;
const FAR = 100; // messages of a page on the way to an old one
const PAGES = 20; // so many such pages at most
const POLL = 10000; // without a connection, ask this often
const ONCE = { tries: 1 }; // the stream does the rest
const TYPING = 3000; // tells so often that one is writing

type Events = {
  /** The messages look different. */
  changed: [];
  /** What happened, in order, each once. Also what changes no message. */
  events: [StreamEvent[]];
  /** Everything was loaded anew: the history is another one, or too much was missed. */
  reset: [];
  presence: [Presence];
  /** The numbers of readers are different. */
  readers: [];
  outbox: [OutboxItem[]];
  /** Somebody is writing: the id. */
  typing: [number];
  /** Reading fails and is tried again; null when it works again. */
  trouble: [Problem | null];
  /** One is not in this room any more, or it is gone; null where there is no more to be said. */
  lost: [Problem | null];
};

/** A room that one is in, see MaruClient.room(). */
export class Room extends Emitter<Events> {
  readonly id: number;
  readonly timeline: Timeline;
  readonly names: Names;
  /** The first hundred members, as they were read when the room was opened; null if that failed. */
  readonly firstMembers: Promise<MemberPage | null>;
  readonly readers: Readers;
  readonly presence = new Presence();
  readonly outbox: Outbox;
  /** Resolves when the newest page is there (or the room is lost). */
  readonly opened: Promise<void>;
  /** Up to where one had read when the room was opened; null if it is not known. read() before `opened` may change it. */
  stoppedAt: number | null = null;
  #threads = new Set<Thread>();
  #client: MaruClient; #stream: Stream; #offs: Off[] = []; #timer: ReturnType<typeof setInterval>;
  #older = true; #loading: Promise<void> | null = null; #era = 0; #lost = false; #closed = false;
  #deaf: Off; #missed = new Set<StreamEvent[]>(); // for each page that is under way, what happens meanwhile
  #read = 0; #told = 0; #telling = false; #typed = 0;

  constructor(client: MaruClient, id: number) {
    super();
    this.#client = client;
    this.id = id;
    const { rest } = client;
    this.timeline = new Timeline(client.me?.id ?? 0);
    this.names = new Names(rest, id);
    this.readers = new Readers(rest, id);
    this.outbox = client.outbox(id);
    this.#stream = new Stream(async (after, limit) => {
      const page = await rest.get('/v1/rooms/{room}/events', { room: id, after, limit }, ONCE);
      return page as unknown as { events: StreamEvent[]; head: number };
    }, {
      events: (events) => this.#arrived(events),
      reset: () => void this.reload(),
      trouble: (problem) => this.emit('trouble', problem),
      lost: (problem) => this.#end(problem),
    });
    this.#deaf = client.hub.subscribe(this.channel, (event, data, user) => this.#receive(event, data, user), () => this.#stream.place);
    this.#offs.push(
      client.on('own', (event) => this.#own(event)),
      client.on('state', (state) => { if (state !== 'connected') this.#unknown(); }),
      this.outbox.on('changed', (items) => this.emit('outbox', items)),
      this.outbox.on('sent', (message) => this.#stream.push({ seq: message.seq, mid: message.mid, type: 'message.created', data: message as unknown as Data })));
    this.#timer = setInterval(() => { if (client.state !== 'connected') void this.#stream.catchUp(); }, POLL);
    this.opened = this.#open();
    this.firstMembers = this.names.load();
  }

  /** On which it is heard of. */
  get channel(): string { return `presence-room-${this.id}`; }
  /** Whether one is not in it any more; see the event `lost`. */
  get isLost(): boolean { return this.#lost; }
  /** Whether older() has something to read. */
  get hasOlder(): boolean { return this.#older; }
  /** The seq of the last event. */
  get head(): number { return this.#stream.head; }

  /** Listens no more. The outbox goes on sending. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const off of this.#offs) off();
    this.#stop();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#deaf();
    this.#stream.close();
  }

  // ---- what one does

  /** Sends a message as soon as it can be; it stands in the outbox until the room has it. */
  send(body: OutboxItem['body'] | string, extra?: unknown): OutboxItem {
    return this.outbox.add(typeof body === 'string' ? { body } : body, extra);
  }

  /** Tells the others that one is writing; call it at every key. */
  typing(): void {
    if (Date.now() - this.#typed < TYPING) return;
    this.#typed = Date.now();
    this.#client.hub.trigger(this.channel, 'client-typing', { user: this.#client.me?.id });
  }

  /** One has read up to here. Many calls are few requests; what fails is told again with the next one. */
  read(seq: number): void {
    const read = this.#read = Math.max(this.#read, seq);
    if (this.#lost || this.#telling || read <= Math.max(this.#told, this.readers.cursorOf(this.#client.me?.id ?? 0))) return;
    this.#telling = true;
    this.#client.rest.put('/v1/rooms/{room}/read-cursor', { room: this.id }, { seq: read }).then(() => { this.#told = read; }, () => {}).finally(() => {
      this.#telling = false;
      if (this.#read > read) this.read(this.#read);
    });
  }

  /** Reads the page before. Rejects with a Problem. */
  older(limit = PAGE): Promise<void> {
    if (this.#loading) return this.#loading;
    const loading = this.#page(limit).finally(() => { if (this.#loading === loading) this.#loading = null; });
    return this.#loading = loading;
  }

  /** Reads the newest page anew, after a block for example. */
  reload(): Promise<void> {
    this.timeline.clear();
    this.#older = true;
    this.#loading = null; // what is under way is of an era that has ended
    this.#era++;
    this.emit('reset');
    return this.#fill();
  }

  /** Reads back until this message is there. Whether it is, as far back as is sensible. Rejects with a Problem. */
  async reach(seq: number): Promise<boolean> {
    for (let pages = 0; !this.timeline.get(seq) && this.#older && !this.#closed && pages < PAGES; pages++) {
      if ((this.timeline.first ?? Infinity) <= seq) return false;
      await this.older(FAR);
    }
    return this.timeline.get(seq) !== undefined;
  }

  /** A thread of this room; close() it. */
  thread(root: number): Thread {
    const thread = new Thread(this.#client.rest, this.id, root, this.#client.me?.id ?? 0, (one) => this.#threads.delete(one));
    this.#threads.add(thread);
    return thread;
  }

  /** Reacts to a message, or takes it back; it is seen at once. Rejects with a Problem. */
  async react(seq: number, emoji: string, on: boolean): Promise<void> {
    const params = { room: this.id, message: seq, emoji };
    this.#each((timeline) => timeline.react(seq, emoji, on));
    try {
      await (on ? this.#client.rest.put('/v1/rooms/{room}/messages/{message}/reactions/{emoji}', params)
        : this.#client.rest.delete('/v1/rooms/{room}/messages/{message}/reactions/{emoji}', params));
    } catch (problem) {
      await this.again(seq);
      throw problem;
    }
  }

  // ---- history

  async #page(limit: number): Promise<void> {
    const { first: before } = this.timeline;
    const era = this.#era;
    const { result: page, missed } = await this.#meanwhile(() =>
      this.#client.rest.get('/v1/rooms/{room}/messages', { room: this.id, limit, ...before !== undefined && { before } }));
    if (this.#closed || era !== this.#era) return;
    this.timeline.add(page.messages as Message[]);
    for (const event of missed) this.timeline.apply(event);
    this.#older = page.next !== null;
    this.emit('changed');
  }

  // An answer may be older than an event that has overtaken it: what happens while it is under way goes on top.
  async #meanwhile<Result>(read: () => Promise<Result>): Promise<{ result: Result; missed: StreamEvent[] }> {
    const missed: StreamEvent[] = [];
    this.#missed.add(missed);
    try {
      return { result: await read(), missed };
    } finally {
      this.#missed.delete(missed);
    }
  }

  // First where the stream is, then the page: so what happens in between is told, not missed.
  async #open(): Promise<void> {
    const caughtUp = this.#stream.catchUp();
    await Promise.race([this.#stream.began, caughtUp]);
    await Promise.all([caughtUp, this.#fill(), this.#place()]);
  }

  // Reads a page, as often as it takes; rest.get waits between its attempts.
  async #fill(): Promise<void> {
    const era = this.#era;
    for (let failed = false; !this.#closed && !this.#lost && era === this.#era;) {
      try {
        await this.older();
        if (failed) this.emit('trouble', null);
        return;
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        failed = true;
        if (problem.passing) this.emit('trouble', problem);
        else this.#end(problem);
      }
    }
  }

  // Where one had stopped reading, before anything that is shown now moves it. Who hides what they have read
  // is not among the cursors.
  async #place(): Promise<void> {
    const { rest, me } = this.#client;
    const id = me?.id ?? 0;
    try {
      const { cursors: [own] } = await rest.get('/v1/rooms/{room}/read-cursors', { room: this.id, cursor: String(id - 1), limit: 1 }, ONCE);
      this.stoppedAt = own?.user === id ? own.seq : (await rest.get('/v1/users/me/unread', {}, ONCE)).rooms.find(({ room }) => room === this.id)?.read_seq ?? null;
    } catch { /* not known, then */ }
  }

  // ---- what comes in

  #receive(event: string, data: Data, user?: string): void {
    if (this.presence.take(event, data)) {
      this.names.hear(this.presence.people);
      this.emit('presence', this.presence);
    }
    if (event === 'subscribed') this.readers.load().then(() => this.emit('readers'), () => {}); // asked again at the next subscription
    if (event === 'maru:unsubscribed') this.#end(null);
    else if (event === 'refused') void this.#stream.catchUp(); // the API says why
    else if (event === 'client-typing') this.emit('typing', Number(user ?? data.user));
    else if (this.readers.hear(event, data)) this.emit('readers');
    else this.#stream.hear(event, data);
  }

  #arrived(events: StreamEvent[]): void {
    let changed = false;
    const me = this.#client.me?.id;
    for (const missed of this.#missed) missed.push(...events);
    for (const event of events) {
      this.names.learn(event);
      this.readers.apply(event);
      changed = this.timeline.apply(event) || changed;
      for (const thread of this.#threads) thread.apply(event);
      const { type, data } = event;
      if (type === 'message.created' && data.sender === me) this.outbox.settle(String(data.client_id));
    }
    this.emit('events', events);
    if (changed) this.emit('changed');
    if (events.some(({ type }) => type.startsWith('member.'))) this.emit('readers');
    if (events.some((event) => this.#isEnd(event))) this.#end(null);
  }

  // After these one hears nothing of the room any more.
  #isEnd({ type, data }: StreamEvent): boolean {
    return type === 'room.deleted' || (/^member\.(left|kicked|banned)$/.test(type) && data.id === this.#client.me?.id);
  }

  // What only oneself is told.
  #own({ type, data }: StreamEvent): void {
    if (data.room !== this.id) return;
    if (type === 'reaction.chosen') this.#each((timeline) => timeline.chosen(data as never));
    if (type === 'message.hidden') this.#each((timeline) => timeline.remove(Number(data.message)));
    if (type === 'poll.answered') void this.again(Number(data.message));
  }

  // Changes the room's messages and those of its open threads.
  #each(change: (timeline: Timeline) => boolean): void {
    if (change(this.timeline)) this.emit('changed');
    for (const thread of this.#threads) thread.change(change);
  }

  /** Asks for one message anew. */
  async again(seq: number): Promise<void> {
    const { result, missed } = await this.#meanwhile(() =>
      this.#client.rest.get('/v1/rooms/{room}/messages/{message}', { room: this.id, message: seq }).catch(() => null));
    if (!result || this.#closed) return;
    this.#each((timeline) => timeline.replace(result as Message));
    for (const event of missed) {
      this.timeline.apply(event);
      for (const thread of this.#threads) thread.apply(event);
    }
    this.emit('changed');
  }

  #unknown(): void {
    this.presence.clear();
    this.emit('presence', this.presence);
  }

  #end(problem: Problem | null): void {
    if (this.#lost || this.#closed) return;
    this.#lost = true;
    this.#stop();
    this.emit('lost', problem);
  }
}
