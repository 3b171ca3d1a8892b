// SPDX-License-Identifier: MIT
// The open room as the components look at it: signals that the client's Room moves, at most once a frame.
import { signal, type Signal } from '@preact/signals';
import type { OutboxItem, Presence, Problem, Room, RoomInfo } from 'maru-client';
import { maru, me, rest } from '../maru';
import { Members } from '../room/members';
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
  /** Who is in the room with what role, as far as it was read. */
  readonly members: Members;
  readonly pending: Signal<OutboxItem[]>;
  /** A name or a picture became known. */
  readonly named: Signal<number>;
  readonly trouble: Signal<Problem | null>;
  /** Why there is no more to be done here; undefined while there is. */
  readonly lost: Signal<Problem | null | undefined>;
  readonly opened: Signal<boolean>;
  /** For each answer that is under way, what one is told of the room meanwhile. */
  readonly meanwhile: Set<Partial<RoomInfo>[]>;
  /** What came of things that have no place of their own to say so: words, or why it did not work. */
  readonly outcome: Signal<unknown>;
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
    room, info, people, members: new Members(id), version: signal(0), readers: signal(0), named: signal(0), pending: signal([...room.outbox.items]),
    trouble: signal(null), lost: signal(undefined), opened: signal(false), meanwhile: new Set(), outcome: signal(null),
    close: () => {
      clearTimeout(recounting);
      for (const off of offs) off();
      room.close();
    },
  };
  const offs: (() => void)[] = [];
  let recounting: ReturnType<typeof setTimeout> | undefined;
  const ask = async () => {
    recounting = undefined;
    const later: Partial<RoomInfo>[] = [];
    chat.meanwhile.add(later);
    const now = await rest.get('/v1/rooms/{room}', { room: id }).catch(() => null) as RoomInfo | null;
    chat.meanwhile.delete(later);
    if (!now) return;
    info.value = Object.assign(now, ...later); // which may be older than what has overtaken it
    update(now);
  };
  const named = bump(chat.named);
  room.on('changed', bump(chat.version));
  room.on('reset', bump(chat.version));
  const readMembers = (first?: typeof room.firstMembers) => { chat.members.open(first).catch(() => {}); }; // the names are there without it
  room.on('reset', () => {
    readMembers();
    void ask();
  });
  room.on('readers', bump(chat.readers));
  room.names.on('named', named);
  room.on('presence', perFrame(() => { people.value = { people: room.presence.people, count: room.presence.count }; }));
  room.on('outbox', (items) => { chat.pending.value = [...items]; });
  room.on('trouble', (problem) => { chat.trouble.value = problem; });
  room.on('lost', (problem) => { chat.lost.value = problem; });
  room.on('events', (events) => {
    for (const event of events) {
      chat.members.learn(event);
      if (event.type === 'room.updated') change(chat, event.data as Partial<RoomInfo>);
    }
    // Joins are among the events too, so the number itself is asked for, now and then.
    if (events.some(({ type }) => type.startsWith('member.'))) recounting ??= setTimeout(ask, 1000 + Math.random() * 2000);
  });
  // So many like it: a signal of the lobby; that one does it oneself, perhaps elsewhere, is told to oneself.
  offs.push(maru.listen('lobby', (event, data) => { if (event === 'room.likes' && data.room === id) change(chat, { likes: Number(data.likes) }); }));
  offs.push(maru.on('own', ({ type, data }) => {
    if (data.room === id && /^room\.(un)?liked$/.test(type)) change(chat, { liked: type === 'room.liked', likes: Number(data.likes) });
  }));
  void ask();
  readMembers(room.firstMembers);
  void room.opened.then(() => { chat.opened.value = true; });
  return chat;
}

/** The room is different now. */
export function change({ info, room, meanwhile }: Chat, changes: Partial<RoomInfo>): void {
  for (const later of meanwhile) later.push(changes);
  if (info.value) info.value = { ...info.value, ...changes };
  update({ ...changes, id: room.id });
}

// ---- who may what

type Role = 'host' | 'moderator' | 'member';

export function roleOf(chat: Chat, id: number): Role {
  if (chat.info.value?.host === id) return 'host';
  return chat.members.list.value.get(id)?.role === 'moderator' ? 'moderator' : 'member';
}

const RANKS = { member: 1, moderator: 2, host: 3 };
export const rankOf = (chat: Chat, id: number): number => RANKS[roleOf(chat, id)];
/** Admins stand above everybody. */
export const myRank = (chat: Chat): number => (me.value?.role === 'admin' ? 4 : rankOf(chat, me.value?.id ?? 0));
export const MODERATOR = RANKS.moderator;
export const HOST = RANKS.host;

const isSmall = ({ info }: Chat): boolean => info.value?.kind === 'group' || info.value?.kind === 'direct';
/** Whether one may put notices and pins on top, and direct the music: in groups and direct rooms everybody. */
export const mayPin = (chat: Chat): boolean => isSmall(chat) || myRank(chat) >= MODERATOR;
