// SPDX-License-Identifier: MIT
// The open room as the components look at it: signals that the client's Room moves, at most once a frame.
import { signal, type Signal } from '@preact/signals';
import type { OutboxItem, Presence, Problem, Room, RoomInfo } from 'maru-client';
import { maru, rest } from '../maru';
import { update } from '../rooms/rooms';

export interface Chat {
  readonly room: Room;
  /** The room as GET /v1/rooms/{room} answers; null until it has. */
  readonly info: Signal<RoomInfo | null>;
  /** Goes up whenever the messages look different. */
  readonly version: Signal<number>;
  /** Goes up whenever the numbers of readers are different. */
  readonly readers: Signal<number>;
  readonly people: Signal<Pick<Presence, 'people' | 'count'>>;
  readonly pending: Signal<OutboxItem[]>;
  /** A name or a picture became known. */
  readonly named: Signal<number>;
  readonly trouble: Signal<Problem | null>;
  /** Why there is no more to be done here; undefined while there is. */
  readonly lost: Signal<Problem | null | undefined>;
  readonly opened: Signal<boolean>;
  close(): void;
}

// Calls back once a frame, however often it is asked to.
function perFrame(work: () => void): () => void {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    const run = () => {
      asked = false;
      work();
    };
    // A page in the background has no frames.
    if (document.hidden) setTimeout(run, 50);
    else requestAnimationFrame(run);
  };
}

const bump = (counter: Signal<number>) => perFrame(() => { counter.value++; });

export function openChat(id: number): Chat {
  const room = maru.room(id);
  const info = signal<RoomInfo | null>(null);
  const people = signal<Pick<Presence, 'people' | 'count'>>({ people: new Map(), count: 0 });
  const chat: Chat = {
    room, info, people, version: signal(0), readers: signal(0), named: signal(0), pending: signal([...room.outbox.items]),
    trouble: signal(null), lost: signal(undefined), opened: signal(false),
    close: () => {
      clearTimeout(recounting);
      room.close();
    },
  };
  let recounting: ReturnType<typeof setTimeout> | undefined;
  const ask = async () => {
    recounting = undefined;
    const now = await rest.get('/v1/rooms/{room}', { room: id }).catch(() => null) as RoomInfo | null;
    if (!now) return;
    info.value = now;
    update(now);
  };
  const named = bump(chat.named);
  room.on('changed', bump(chat.version));
  room.on('reset', bump(chat.version));
  room.on('readers', bump(chat.readers));
  room.names.on('named', named);
  room.on('presence', perFrame(() => { people.value = { people: room.presence.people, count: room.presence.count }; }));
  room.on('outbox', (items) => { chat.pending.value = [...items]; });
  room.on('trouble', (problem) => { chat.trouble.value = problem; });
  room.on('lost', (problem) => { chat.lost.value = problem; });
  room.on('events', (events) => {
    for (const { type, data } of events) if (type === 'room.updated') change(chat, data as Partial<RoomInfo>);
    // Joins are among the events too, so the number itself is asked for, now and then.
    if (events.some(({ type }) => type.startsWith('member.'))) recounting ??= setTimeout(ask, 1000 + Math.random() * 2000);
  });
  void ask();
  void room.opened.then(() => { chat.opened.value = true; });
  return chat;
}

/** The room is different now. */
export function change({ info, room }: Chat, changes: Partial<RoomInfo>): void {
  if (info.value) info.value = { ...info.value, ...changes };
  update({ ...changes, id: room.id });
}
