// SPDX-License-Identifier: MIT
// What goes on around the messages of the open room: which one is being edited, which thread is open, which
// one is looked for; problems with what one did.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { signal } from '@preact/signals';
import { Problem, type Message, type Room } from 'maru-client';
import { t } from '../i18n';
import { rest } from '../maru';
import { Reading } from '../ui/reading';
import type { Chat } from './state';

const FLASH = 2500;
const NOTE = 2500;

/** Where a message stands: what is possible there differs. */
export type Place = 'room' | 'thread' | 'alone';

export class Talk {
  readonly chat: Chat;
  readonly room: Room;
  /** The message that is being edited, and where: it may stand in the room and in its thread. */
  readonly editing = signal<{ seq: number; place: Place } | null>(null);
  /** The message whose thread is open. */
  readonly thread = signal<number | null>(null);
  /** What is half written there; the message may leave the page and come back. */
  edited: string | null = null;
  /** To be shown as soon as it is among the lines. */
  readonly wanted = signal<number | null>(null);
  readonly flashing = signal<number | null>(null);
  readonly looking = signal(false);
  readonly problem = signal<unknown>(null);
  /** A word on what was done. */
  readonly note = signal('');
  #closed = false;
  readonly pins = signal<ReadonlySet<number>>(new Set());
  /** Messages that are quoted and not among the lines; null: gone. */
  readonly others = signal<ReadonlyMap<number, Message | null>>(new Map());
  /** Unread when the room was opened: after the one, up to the other. */
  readonly fresh = signal<{ after: number; upTo: number } | null>(null);
  #asked = new Set<number>(); #pinned: Promise<void> | null = null; #reading = new Reading<[seq: number, on: boolean]>(); #flash: ReturnType<typeof setTimeout> | undefined;
  #noted: ReturnType<typeof setTimeout> | undefined; #offs: (() => void)[];

  constructor(chat: Chat) {
    this.chat = chat;
    const room = this.room = chat.room;
    this.#offs = [room.on('events', (events) => { for (const event of events) this.#hear(event.type, event.data); }), room.on('reset', () => { this.#asked.clear(); })];
    void room.opened.then(() => {
      if (room.stoppedAt !== null && room.stoppedAt < room.head) this.fresh.value = { after: room.stoppedAt, upTo: room.head };
    });
  }

  close(): void {
    this.#closed = true;
    for (const off of this.#offs) off();
    clearTimeout(this.#flash);
    clearTimeout(this.#noted);
  }

  #hear(type: string, data: Record<string, unknown>): void {
    if (type === 'pin.added') this.#pin(Number(data.message), true);
    if (type === 'pin.removed') this.#pin(Number(data.message), false);
    const message = data.message as Message | undefined;
    if ((type === 'message.updated' || type === 'message.deleted') && message && this.others.peek().has(message.seq)) this.#keep(message.seq, message);
  }

  // ---- pins

  #pin(seq: number, on: boolean): void {
    this.#reading.tell([seq, on]);
    const pins = new Set(this.pins.peek());
    if (on) pins.add(seq);
    else pins.delete(seq);
    this.pins.value = pins;
  }

  /** Which messages are pinned is asked for when somebody may want to change it. */
  loadPins(): void {
    this.#pinned ??= this.#reading.read(() => rest.get('/v1/rooms/{room}/pins', { room: this.room.id }), ({ pins }, told) => {
      this.pins.value = new Set(pins.map(({ message }) => message));
      for (const [seq, on] of told) this.#pin(seq, on);
    }).catch(() => { this.#pinned = null; });
  }

  // ---- messages that are quoted

  #keep(seq: number, message: Message | null): void {
    this.others.value = new Map(this.others.peek()).set(seq, message);
  }

  /** A message as far as it is known; asks for it if it is not. null: there is none. */
  find(seq: number): Message | null | undefined {
    const known = this.room.timeline.get(seq) ?? this.others.value.get(seq);
    if (known === undefined && !this.#asked.has(seq)) {
      this.#asked.add(seq);
      this.ask(seq).then((message) => this.#keep(seq, message), () => this.#asked.delete(seq));
    }
    return known;
  }

  /** One message; null if there is none. */
  async ask(seq: number): Promise<Message | null> {
    try {
      return await rest.get('/v1/rooms/{room}/messages/{message}', { room: this.room.id, message: seq }) as Message;
    } catch (problem) {
      if (problem instanceof Problem && problem.status === 404) return null;
      throw problem;
    }
  }

  // ---- what one does

  flash(seq: number): void {
    clearTimeout(this.#flash);
    this.flashing.value = seq;
    this.#flash = setTimeout(() => { this.flashing.value = null; }, FLASH);
  }

  say(text: string): void {
    clearTimeout(this.#noted);
    this.note.value = text;
    this.#noted = setTimeout(() => { this.note.value = ''; }, NOTE);
  }

  /** Does something that may fail, and says so if it does. */
  async attempt(work: () => unknown): Promise<void> {
    this.problem.value = null;
    try {
      await work();
    } catch (problem) {
      this.problem.value = problem;
    }
  }

  edit(seq: number, place: Place): void {
    this.edited = null;
    this.editing.value = { seq, place };
  }

  openThread(root: number, answer?: number): void {
    this.thread.value = root;
    if (answer) this.flash(answer);
  }

  /** Goes to a message, wherever it is. */
  jump(seq: number): Promise<void> {
    return this.attempt(async () => {
      this.looking.value = true;
      try {
        await this.#go(seq);
      } finally {
        this.looking.value = false;
      }
    });
  }

  async #go(seq: number): Promise<void> {
    await this.room.opened;
    if (this.#closed) return; // one has gone elsewhere meanwhile
    const message = this.room.timeline.get(seq) ?? await this.ask(seq);
    if (!message) throw new Problem(404, { type: '/problems/message-gone', title: t('messageGone') });
    if (message.thread !== undefined) this.openThread(message.thread, seq);
    else if (await this.room.reach(seq)) this.wanted.value = seq;
    else if (!this.#closed) void (await import('./excerpt')).showExcerpt(this, seq);
  }
}

export const TalkContext = createContext<Talk | null>(null);

export function useTalk(): Talk {
  const talk = useContext(TalkContext);
  if (!talk) throw new Error('outside a room');
  return talk;
}
