// SPDX-License-Identifier: MIT
// The music of a room as the server has it, for the panel and the player, one for both.
import { signal, type Signal } from '@preact/signals';
import { Stream, type StreamEvent } from 'maru-client';
import { maru, me, rest } from '../maru';
import { Reading } from '../ui/reading';
import { serverNow } from './clock';
import { take, type Music } from './timeline';

const POLL = 10000; // without a connection it is asked so often
const ENDS = /^(member\.(left|kicked|banned)|room\.deleted)$/;

export interface Source {
  readonly room: number;
  /** Null until it is known. */
  readonly music: Signal<Music | null>;
  readonly problem: Signal<unknown>;
  /** One is not in the room any more. */
  readonly lost: Signal<boolean>;
  /** Reads it anew. Never rejects. */
  reload(): Promise<void>;
}

class Live implements Source {
  readonly music = signal<Music | null>(null);
  readonly problem = signal<unknown>(null);
  readonly lost = signal(false);
  readonly room: number;
  users = 0;
  #reading = new Reading<StreamEvent>();
  #offs: (() => void)[] = [];

  constructor(room: number) {
    this.room = room;
    const stream = new Stream(async (after, limit) => {
      const page = await rest.get('/v1/rooms/{room}/events', { room, after, limit }, { tries: 1 });
      return page as unknown as { events: StreamEvent[]; head: number };
    }, { events: (events) => this.#hear(events), began: () => void this.reload(), reset: () => void this.reload(), lost: () => this.#end() });
    const timer = setInterval(() => { if (maru.state !== 'connected') void stream.catchUp(); }, POLL);
    this.#offs.push(() => clearInterval(timer), () => stream.close(), maru.hub.subscribe(`presence-room-${room}`, (event, data) => {
      if (event === 'maru:unsubscribed') this.#end();
      else if (event === 'refused') void stream.catchUp(); // the API says why
      else stream.hear(event, data);
      if (event === 'subscribed' && this.problem.value) void this.reload();
    }, () => stream.place));
  }

  async reload(): Promise<void> {
    try {
      await this.#reading.read(() => rest.get('/v1/rooms/{room}/music', { room: this.room }), (music, told) => {
        this.problem.value = null;
        this.music.value = told.reduce((before, event) => take(before, event, serverNow()), music);
      });
    } catch (problem) {
      this.problem.value = problem;
    }
  }

  close(): void {
    for (const off of this.#offs) off();
  }

  #hear(events: StreamEvent[]): void {
    this.#reading.tell(...events);
    const before = this.music.value;
    if (before) this.music.value = events.reduce((music, event) => take(music, event, serverNow()), before);
    // What becomes of the music when messages go with their tracks is for the server to say.
    const isDoubtful = ({ type, data }: StreamEvent): boolean => type === 'messages.purged'
      || (type === 'message.deleted' && before !== null && before.tracks.some(({ message }) => message === (data.message as { seq: number }).seq));
    if (events.some(isDoubtful)) void this.reload();
    if (events.some(({ type, data }) => ENDS.test(type) && (type === 'room.deleted' || data.id === me.value?.id))) this.#end();
  }

  #end(): void {
    this.close();
    this.lost.value = true;
  }
}

const sources = new Map<number, Live>();

/** The music of a room; end() when it is not looked at any more. */
export function musicOf(room: number): { source: Source; end: () => void } {
  let live = sources.get(room);
  if (!live || live.lost.value) sources.set(room, live = new Live(room));
  const mine = live;
  mine.users++;
  return { source: mine, end: () => {
    if (--mine.users > 0) return;
    mine.close();
    if (sources.get(room) === mine) sources.delete(room);
  } };
}
