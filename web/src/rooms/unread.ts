// SPDX-License-Identifier: MIT
// What waits in one's rooms: how much is unread, what was said last, and when. Each room is listened to without
// being in it (quietly), so the numbers rise while other rooms are open; whatever is uncertain is asked for anew.
import { computed, effect, signal } from '@preact/signals';
import { quietly, type Data, type Message, type Off, type StreamEvent } from 'maru-client';
import { maru, me, rest } from '../maru';
import { openRoom } from '../router';
import { mine } from './rooms';

export interface Waiting {
  unread: number; mentions: number;
  /** There are more than are counted. */
  more: boolean;
  head: number;
  level: 'all' | 'mentions' | 'none'; quietUntil: string;
}
export type Last = Pick<Message, 'seq' | 'sender' | 'body' | 'created_at'> & Partial<Pick<Message, 'type' | 'content' | 'deleted_at'>>;

const LISTENED = 80; // rooms; one authorization is for 100 channels
const LOOKED = 30; // rooms whose last message is asked for at the beginning
const TOLD = 3; // after a longer absence, with news in more rooms than that, the numbers say enough
const nothing: Waiting = { unread: 0, mentions: 0, more: false, head: 0, level: 'mentions', quietUntil: '' };

export const waiting = signal<ReadonlyMap<number, Waiting>>(new Map());
/** The last message of rooms of which it is known. */
export const lasts = signal<ReadonlyMap<number, Last>>(new Map());

const shown = signal(!document.hidden);
document.addEventListener('visibilitychange', () => { shown.value = !document.hidden; });
/** The room that somebody is looking at right now. */
export const watched = computed(() => (shown.value ? openRoom.value : 0));

export const isMuted = ({ level, quietUntil }: Waiting): boolean => level === 'none' || (quietUntil !== '' && Date.parse(quietUntil) > Date.now());

/** How many wait in all rooms that are not muted. */
export const total = computed(() => {
  let sum = 0;
  for (const one of waiting.value.values()) sum += isMuted(one) ? one.mentions : one.unread;
  return sum;
});

/** When something was last said there, in milliseconds; 0 if that is not known. */
export const activity = (room: number): number => Date.parse(lasts.value.get(room)?.created_at ?? '') || 0;

const heard = new Set<(room: number, message: Message) => void>();
/** Calls back for each message that somebody else writes in one of one's rooms. */
export function onMessage(listener: (room: number, message: Message) => void): Off {
  heard.add(listener);
  return () => { heard.delete(listener); };
}

const ears = new Set<(room: number, event: string, data: Data) => void>();
/** Calls back for whatever happens in one of one's rooms, and with `subscribed`, as each channel tells it. */
export function onRoom(listener: (room: number, event: string, data: Data) => void): Off {
  ears.add(listener);
  return () => { ears.delete(listener); };
}

const newest = new Map<number, number>(); // the seq that was told last, of each room
function tell(room: number, message: Message): void {
  if (message.seq <= (newest.get(room) ?? 0)) return;
  newest.set(room, message.seq);
  for (const listener of heard) listener(room, message);
}

function set(room: number, changes: Partial<Waiting>): void {
  waiting.value = new Map(waiting.peek()).set(room, { ...waiting.peek().get(room) ?? nothing, ...changes });
}

function note(room: number, message: Message): void {
  if ((lasts.peek().get(room)?.seq ?? 0) > message.seq) return;
  lasts.value = new Map(lasts.peek()).set(room, message);
}

// ---- asking

// Rooms that one is in since a moment ago: what is said there may come before it is heard how one wants to be told.
const strange = new Set<number>();

async function load(): Promise<void> {
  const { rooms } = await rest.get('/v1/users/me/unread', {});
  const known = waiting.peek();
  const missed = rooms.filter(({ room, head }) => strange.has(room) || head > (known.get(room)?.head ?? head));
  waiting.value = new Map(rooms.map(({ room, unread, mentions, more, head, level, quiet_until: quietUntil = '' }) => {
    const before = known.get(room);
    // Something was said there while this was on its way: what was heard is younger.
    if (before && before.head > head) return [room, { ...before, level, quietUntil }];
    return [room, { unread: room === watched.peek() ? 0 : unread, mentions, more, head, level, quietUntil }];
  }));
  for (const { room } of missed) strange.delete(room);
  await look(missed.map(({ room }) => room));
  if (missed.length <= TOLD) for (const { room } of missed) meet(room, known.get(room)?.unread ?? 0);
}

// Tells what was said in a room while nobody here heard it.
function meet(room: number, unread: number): void {
  const last = lasts.peek().get(room) as Message | undefined;
  if (last && last.sender !== me.peek()?.id && (waiting.peek().get(room)?.unread ?? 0) > unread) tell(room, last);
}

let timer: ReturnType<typeof setTimeout> | undefined;
/** Asks anew, once for many reasons. */
export function recount(): void {
  timer ??= setTimeout(() => {
    timer = undefined;
    load().catch(() => {}); // asked again with the next connection
  }, 300);
}

async function look(rooms: number[]): Promise<void> {
  const next = async (): Promise<void> => {
    for (let room; (room = rooms.shift()) !== undefined;) {
      const page = await rest.get('/v1/rooms/{room}/messages', { room, limit: 1 }).catch(() => null);
      const message = page?.messages.at(-1) as Message | undefined;
      if (message) note(room, message);
    }
  };
  await Promise.all([next(), next(), next()]);
}

// ---- listening

function created(room: number, message: Message): void {
  const before = waiting.peek().get(room);
  if (!before) {
    strange.add(room);
    recount();
    return;
  }
  if (message.seq <= before.head) return;
  if (!message.hidden) note(room, message);
  const others = message.sender !== me.peek()?.id && !message.hidden;
  set(room, { head: message.seq, unread: others && room !== watched.peek() ? before.unread + 1 : before.unread });
  if (others) tell(room, message);
}

function inRoom(room: number, event: string, data: Data): void {
  for (const listener of ears) listener(room, event, data);
  if (event === 'message.created') created(room, data as unknown as Message);
  else if (event === 'message.updated' || event === 'message.deleted') {
    const message = data.message as Message;
    if (lasts.peek().get(room)?.seq === message.seq) note(room, message);
    if (event === 'message.deleted') recount();
  } else if (event === 'messages.purged' || (event === 'subscribed' && data.recovered !== true)) recount();
}

function readHere(room: number, seq: number): void {
  const one = waiting.peek().get(room);
  if (one && seq >= one.head) set(room, { unread: 0, mentions: 0, more: false });
  else recount();
}

function own({ type, data }: StreamEvent): void {
  if (type === 'rule.updated') set(Number(data.room), { level: data.level as Waiting['level'], quietUntil: String(data.quiet_until ?? '') });
  else if (type === 'notification.created' && data.kind === 'mention') set(Number(data.room), { mentions: (waiting.peek().get(Number(data.room))?.mentions ?? 0) + 1 });
  else if (type === 'room.removed') {
    const rest = new Map(waiting.peek());
    rest.delete(Number(data.id));
    waiting.value = rest;
  } else if (type === 'room.added') {
    strange.add(Number(data.id));
    recount();
  } else if (type === 'block.added' || type === 'block.removed' || type === 'reset') recount();
}

const listened = new Map<number, Off>();
function listen(): void {
  const rooms = mine.value.rooms.slice(0, LISTENED).map(({ id }) => id);
  for (const id of rooms) if (!listened.has(id)) listened.set(id, maru.listen(quietly(`presence-room-${id}`), (event, data) => inRoom(id, event, data)));
  for (const [id, off] of listened) {
    if (rooms.includes(id)) continue;
    off();
    listened.delete(id);
  }
}

export function startUnread(): void {
  maru.on('own', own);
  maru.on('signal', (event, data) => { if (event === 'maru:read_own') readHere(Number(data.room), Number(data.seq)); });
  effect(listen);
  effect(() => { if (watched.value > 0 && waiting.peek().has(watched.value)) set(watched.value, { unread: 0, mentions: 0, more: false }); });
  let looked = false;
  effect(() => {
    if (looked || !mine.value.loaded) return;
    looked = true;
    recount();
    void look(mine.value.rooms.slice(0, LOOKED).map(({ id }) => id));
  });
}
