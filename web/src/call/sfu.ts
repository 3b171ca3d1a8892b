// SPDX-License-Identifier: MIT
// A call through Janus: one's own picture and sound go up once, and each of the others comes by a connection of its own.
//
// Janus tells which feeds it has, but not whose they are: what somebody calls themselves there they may have made up. So each says
// in the channel of the call as which feed they publish, where the server says who speaks; and a feed carries its person in its
// upper bits, so that nobody can give one out for their own that is another's.
import { signal } from '@preact/signals';
import { Problem } from 'maru-client';
import { maru, rest } from '../maru';
import { Janus, NO_SUCH_ROOM, Refusal, type Told } from './janus';
import { Receiver, Sender, type Place } from './leg';
import { SILENT, type Line, type LineOptions, type Other } from './line';
import { mostFor } from './quality';
import type { CallMember } from './state';
import { Wire, type Part, type Signal } from './wire';

const EVENT = 'client-signal';
const FEED_UNIT = 65536; // api/sfu.h
const EVERY = 2000; // milliseconds between two looks at the quality, and at who is missing
const SOON = 400, LATER = 4000; // before the next try, by and by
const GIVEN_UP = 15000; // of tries in vain, until it is said
const TRIES = 4; // with one of the others
const SCREEN = 2; // the least that a screen may cost, for it is to be read

interface Heard extends Other { link: Receiver }
type Grant = Omit<Place, 'id' | 'token'> & { token: string; room_token: string; ttl: number };
const sleep = (ms: number): Promise<void> => new Promise((done) => { setTimeout(done, ms); });

export class Sfu implements Line {
  readonly others = signal<readonly Heard[]>([]);
  readonly away = signal(false);
  #options: LineOptions; #wire: Wire; #off: () => void; #timer: ReturnType<typeof setInterval>; #sender: Sender;
  #janus: Janus | null = null; #place: Place | null = null; #feeds = new Set<number>(); #said = new Map<string, number>();
  #subscribed = false; #closed = false; #wake = (): void => {};

  constructor(options: LineOptions) {
    this.#options = options;
    this.#sender = new Sender(options);
    const channel = `presence-call-${options.call}`;
    this.#wire = new Wire(options.peer, (words) => maru.hub.trigger(channel, EVENT, words as never));
    this.#off = maru.listen(channel, (event, data, user) => {
      if (event === 'subscribed') {
        this.#subscribed = true;
        this.#say(null, { hello: true });
      } else if (event === EVENT) this.#hear(data as unknown as Signal, user);
    });
    this.#timer = setInterval(() => this.#look(), EVERY);
    void this.#run();
  }

  // ---- Janus

  // Is there, or tries to be, as long as the call lasts.
  async #run(): Promise<void> {
    for (let [since, pause] = [Date.now(), SOON]; !this.#closed; pause = Math.min(LATER, 1.5 * pause)) {
      let link: { lost: Promise<void> } | null = null;
      try {
        link = await this.#connect();
      } catch { // said below, if it lasts
        this.#leave();
      }
      if (link) {
        this.away.value = false;
        await link.lost;
        this.#leave();
        [since, pause] = [Date.now(), SOON];
      } else if (Date.now() - since > GIVEN_UP && !this.#closed) {
        this.away.value = true;
        for (const { link } of this.others.peek()) link.set('failed');
      }
      if (!this.#closed) await Promise.race([sleep(pause), new Promise<void>((done) => { this.#wake = done; })]);
    }
  }

  async #grant(): Promise<Grant> {
    try {
      return await rest.get('/v1/calls/{call}/sfu', { call: this.#options.call }, { tries: 1 });
    } catch (problem) {
      if (problem instanceof Problem && [403, 404].includes(problem.status)) this.#options.stranger();
      throw problem;
    }
  }

  // lost: when it is over again.
  async #connect(): Promise<{ lost: Promise<void> }> {
    const grant = await this.#grant();
    const janus = this.#janus = await Janus.open(`${location.origin.replace(/^http/, 'ws')}/sfu`, grant.token);
    const lost = new Promise<void>((done) => { janus.lost = done; });
    const { place, data } = await this.#enter(janus, grant);
    if (this.#closed) throw new Error('closed');
    this.#place = place;
    for (const { link } of this.others.peek()) if (link.state === 'failed') link.set('waiting');
    this.#note(data);
    this.#say(null, { feed: place.feed });
    void this.#renew(janus, grant.ttl);
    return { lost };
  }

  // The server makes the room a moment after the call, or after a new beginning of Janus.
  async #enter(janus: Janus, { room, feed, room_token: token }: Grant): ReturnType<Sender['open']> {
    for (const end = Date.now() + GIVEN_UP; ;) {
      try {
        return await this.#sender.open(janus, { room, feed, token }, this.#most, (told) => this.#told(told), () => janus.close());
      } catch (error) {
        if (!(error instanceof Refusal) || error.code !== NO_SUCH_ROOM || Date.now() > end || this.#closed) throw error;
        await sleep(SOON);
      }
    }
  }

  // What lets one be there holds for a short time only. Without it Janus lets nobody stay.
  async #renew(janus: Janus, ttl: number): Promise<void> {
    while (this.#janus === janus && !this.#closed) {
      await sleep(ttl * 400);
      const grant = this.#janus === janus ? await this.#grant().catch(() => null) : null;
      if (!grant || this.#janus !== janus || !this.#place) continue;
      janus.token = grant.token;
      this.#place = { ...this.#place, token: grant.room_token };
    }
  }

  #leave(): void {
    this.#janus?.close();
    this.#sender.close();
    this.#janus = this.#place = null;
    this.#feeds.clear();
    this.#said.clear(); // a number that is free now may be somebody else's next
    for (const { link } of this.others.peek()) this.#drop(link);
  }

  #told({ kind, data }: Told): void {
    if (kind === 'event') this.#note(data);
  }

  #note(data: Told['data']): void {
    for (const { id } of (data.publishers ?? []) as { id: number }[]) this.#feeds.add(id);
    for (const gone of [data.leaving, data.unpublished, data.kicked].map(Number)) {
      if (this.#feeds.delete(gone)) for (const [peer, feed] of this.#said) if (feed === gone) this.#said.delete(peer);
    }
    if (data.videoroom === 'destroyed') this.#janus?.close();
    this.#match();
  }

  // Listens to each whose feed is known and there.
  #match(): void {
    const [janus, place] = [this.#janus, this.#place];
    if (!janus || !place) return;
    for (const { peer, link } of this.others.peek()) {
      const feed = this.#said.get(peer) ?? 0;
      if (!this.#feeds.has(feed)) {
        if (link.feed > 0) this.#drop(link);
      } else if (link.feed !== feed && link.tries <= TRIES) void link.open(janus, place, feed);
    }
  }

  #drop(link: Receiver): void {
    link.close();
    if (link.state === 'connected') link.set('reconnecting');
  }

  #ended(link: Receiver): void {
    this.#drop(link);
    if (link.tries++ >= TRIES) link.set('failed');
    else setTimeout(() => this.#match(), SOON);
  }

  // ---- the others

  #say(to: string | null, part: Part): void {
    if (this.#subscribed) this.#wire.say(to, { ...part, state: this.#options.on(), ...this.#place && { feed: this.#place.feed } });
  }

  members(all: CallMember[]): void {
    const wanted = new Map(all.filter(({ peer }) => peer && peer !== this.#options.peer).map((one) => [one.peer!, one]));
    const before = this.others.peek();
    const kept = before.filter(({ peer, link }) => wanted.has(peer) || link.close());
    const known = new Set(kept.map(({ peer }) => peer));
    const fresh = [...wanted.values()].filter(({ peer }) => !known.has(peer!)).map(({ peer, user }) => this.#meet(peer!, user));
    if (fresh.length === 0 && kept.length === before.length) return;
    for (const peer of this.#said.keys()) if (!wanted.has(peer)) this.#said.delete(peer);
    this.others.value = [...kept, ...fresh];
    for (const { peer } of fresh) this.#say(peer, { hello: true });
  }

  #meet(peer: string, user: number): Heard {
    const link = new Receiver(this.#options, () => this.#changed(peer), () => this.#ended(link));
    return { user, peer, link, state: link.state, on: null };
  }

  #changed(peer: string): void {
    this.others.value = this.others.peek().map((one) => (one.peer === peer ? { ...one, state: one.link.state } : one));
  }

  #hear({ from, to, hello, state, feed }: Signal, user: string | undefined): void {
    if (typeof from !== 'string' || (to !== null && to !== this.#options.peer)) return;
    const other = this.others.peek().find(({ peer }) => peer === from);
    if (!other) this.#options.stranger(); // once they are known they are asked
    if (!other || String(other.user) !== user) return;
    other.link.heard = true;
    if (state) this.others.value = this.others.peek().map((one) => (one.peer === from ? { ...one, on: { ...SILENT, ...state } } : one));
    if (hello) this.#say(from, {});
    if (feed === undefined || Math.floor(feed / FEED_UNIT) !== other.user) return;
    if (this.#said.get(from) !== feed) other.link.tries = 0;
    this.#said.set(from, feed);
    this.#match();
  }

  // Client events may be lost: who is missing is asked again.
  #look(): void {
    void this.#sender.measure(this.#most);
    for (const { peer, link, on } of this.others.peek()) {
      void link.measure();
      if (on === null || !this.#feeds.has(this.#said.get(peer) ?? 0)) this.#say(peer, { hello: true });
    }
  }

  get #most(): number {
    const most = mostFor(this.others.peek().length);
    return this.#options.on().screen ? Math.max(SCREEN, most) : most;
  }

  refresh(): void {
    void this.#sender.refresh();
    this.#say(null, {});
  }

  retry(): void {
    this.#wake();
    for (const { link } of this.others.peek()) link.tries = 0;
    this.#match();
    this.#say(null, { hello: true });
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#off();
    this.#wire.close();
    this.#leave();
    this.#wake();
    this.others.value = [];
  }
}
