// SPDX-License-Identifier: MIT
// The lists of rooms: one's own and all. Kept up to date by the lobby and by what one is told oneself.
import { effect, signal, untracked, type Signal } from '@preact/signals';
import { Problem, type RoomInfo, type StreamEvent } from 'maru-client';
import { filters, hasFilters, isPlain, queryOf } from './filters';
import { t } from '../i18n';
import { maru, rest } from '../maru';
import { problemText } from '../problem';
import { go, openRoom, roomPath, setOut } from '../router';
import { askForRoom } from './create';
import { askToJoin, join } from './join';

export interface RoomPage { rooms: RoomInfo[]; next: number | string | null; loaded: boolean }
export type RoomPages = Signal<RoomPage>;

const nothing: RoomPage = { rooms: [], next: null, loaded: false };
export const mine: RoomPages = signal(nothing);
export const all: RoomPages = signal(nothing);
export const tab = signal<'mine' | 'all'>('mine');
/** Goes up when there are other categories. */
export const categoriesChanged = signal(0);
export const trouble = signal<unknown>(null);
/** What the place beside the lists says instead of a room; null: the room is open. */
export const welcome = signal<string | null>('');
/** Goes up when the open room is entered anew. */
export const visit = signal(0);

// A direct room is called after who is at its other end.
export const roomTitle = (room: RoomInfo): string => room.title || room.partner?.nickname || t('nobodyElse');
export const roomEmblem = (room: RoomInfo): string => room.cover || room.partner?.avatar || '';

export const roomOf = (id: number): RoomInfo | undefined =>
  mine.value.rooms.find((room) => room.id === id) ?? all.value.rooms.find((room) => room.id === id);

// ---- changing a list

export function put(list: RoomPages, room: Partial<RoomInfo> & { id: number }): void {
  const known = list.value.rooms.find(({ id }) => id === room.id);
  const rooms = known ? list.value.rooms.map((one) => (one === known ? { ...one, ...room } : one)) : [...list.value.rooms, room as RoomInfo];
  list.value = { ...list.value, rooms: list === mine || isPlain(filters.value.sort) ? rooms.sort((a, b) => b.id - a.id) : rooms };
}

const remove = (list: RoomPages, id: number): void => {
  list.value = { ...list.value, rooms: list.value.rooms.filter((room) => room.id !== id) };
};

/** A room is different now: in the lists that have it. */
export function update(room: Partial<RoomInfo> & { id: number }): void {
  for (const list of [mine, all]) if (list.value.rooms.some(({ id }) => id === room.id)) put(list, room);
}

let loads = 0; // pages that are on their way
let told: (() => void)[] = []; // meanwhile

// Does what an event says, and again behind a page that was on its way: it may have been read before that happened.
function happen(change: () => void): void {
  change();
  if (loads > 0) told.push(change);
}

// What to read: the first page, the one behind those that are shown, or all that are shown anew.
type Part = 'first' | 'more' | 'again';
const turns = new Map<RoomPages, Promise<void>>(); // one after the other, so that none undoes what another one brings

export function load(list: RoomPages, part: Part = 'first'): Promise<void> {
  const turn = (turns.get(list) ?? Promise.resolve()).then(() => take(list, part));
  turns.set(list, turn.catch(() => {}));
  return turn;
}

async function take(list: RoomPages, part: Part): Promise<void> {
  const from = told.length;
  loads++;
  try {
    await read(list, part);
    for (const change of told.slice(from)) change();
  } finally {
    if (--loads === 0) told = [];
  }
}

function pageOf(list: RoomPages, cursor: RoomPage['next']) {
  const params = cursor === null ? {} : { cursor: cursor as never };
  return list === mine ? rest.get('/v1/users/me/rooms', { limit: 100, ...params }) : rest.get('/v1/rooms', { ...queryOf(filters.value), ...params });
}

async function read(list: RoomPages, part: Part): Promise<void> {
  const asked = filters.value;
  const shown = part === 'again' ? list.value.rooms.length : 0;
  let { next } = part === 'more' ? list.value : nothing;
  const rooms: RoomInfo[] = [];
  do {
    const page = await pageOf(list, next);
    if (list === all && filters.value !== asked) return; // something else is looked for by now
    rooms.push(...page.rooms as RoomInfo[]);
    next = page.next as RoomPage['next'];
  } while (next !== null && rooms.length < shown);
  const before = part === 'more' ? list.value.rooms : [];
  list.value = { rooms: [...before, ...rooms.filter(({ id }) => !before.some((room) => room.id === id))], next, loaded: true };
}

async function loadAll(): Promise<void> {
  try {
    const first = !mine.value.loaded;
    await Promise.all([load(mine, 'again'), load(all, 'again')]);
    if (first && mine.value.rooms.length === 0) tab.value = 'all';
    trouble.value = null;
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.status !== 401) trouble.value = problem;
  }
}

// ---- what is heard

export const isMine = (id: number): boolean => mine.value.rooms.some((room) => room.id === id);

/** So many like it; liked: whether one does oneself, where that is told. */
function likes({ room: id, likes: count }: { room: number; likes: number }, liked?: boolean): void {
  update({ id, likes: count, ...liked !== undefined && { liked } });
}

function inLobby(event: string, room: RoomInfo): void {
  if (event === 'room.deleted') remove(all, room.id); // or hidden: who is in it is told by room.removed
  else if (event === 'room.created') {
    if (!hasFilters(filters.value)) put(all, { ...room, joined: room.joined ?? isMine(room.id) });
  } else if (event === 'room.updated') update(room);
  else if (event === 'room.likes') likes(room as never);
  else if (event.startsWith('category.')) categoriesChanged.value++;
}

function ofMine({ type, data }: StreamEvent): void {
  const room = data as unknown as RoomInfo;
  if (type === 'room.liked' || type === 'room.unliked') likes(data as never, type === 'room.liked');
  if (type !== 'room.added' && type !== 'room.removed') return;
  const joined = type === 'room.added';
  if (joined) put(mine, { ...room, joined });
  else remove(mine, room.id);
  if (all.value.rooms.some(({ id }) => id === room.id)) put(all, { ...room, joined });
}

let timer: ReturnType<typeof setTimeout> | undefined;
// Once for many reasons.
function loadAgain(): void {
  timer ??= setTimeout(() => {
    timer = undefined;
    void loadAll();
  }, 100);
}

let started = false;
export function startRooms(): void {
  if (started) return;
  started = true;
  maru.listen('lobby', (event, data) => {
    if (event === 'subscribed') loadAgain();
    else happen(() => inLobby(event, data as unknown as RoomInfo));
  });
  maru.on('own', (event) => {
    if (event.type === 'reset') loadAgain();
    else happen(() => ofMine(event));
  });
  void loadAll();
  let before = filters.peek();
  effect(() => {
    if (filters.value === before) return;
    before = filters.value;
    load(all).then(() => { trouble.value = null; }, (problem) => { trouble.value = problem; });
  });
  effect(() => {
    const id = openRoom.value;
    untracked(() => void admit(id));
  });
}

// ---- going in

// The room that the address names: opens it, after joining it if need be.
async function admit(id: number): Promise<void> {
  if (id === 0 || isMine(id)) {
    welcome.value = id === 0 ? '' : null;
    return;
  }
  welcome.value = t('loading');
  try {
    const room = await rest.get('/v1/rooms/{room}', { room: id }) as RoomInfo;
    if (openRoom.value !== id) return; // somewhere else by now
    if (!room.joined && !await askToJoin(room)) go('#/');
    else welcome.value = null;
  } catch (problem) {
    if (openRoom.value === id) welcome.value = problemText(problem);
  }
}

/** A click on a room that is not joined yet. */
export async function enter(room: RoomInfo): Promise<void> {
  trouble.value = null;
  setOut();
  try {
    if (!(room.locked ? await askToJoin(room) : await join(room.id))) return;
    if (openRoom.value === room.id) visit.value++; // removed from the open one, and back
    put(mine, { ...room, joined: true });
    welcome.value = null;
    go(roomPath(room.id));
  } catch (problem) {
    trouble.value = problem;
    // The list is not told who comes and goes, so it still offers the seat.
    if (problem instanceof Problem && problem.slug === 'room-full') rest.get('/v1/rooms/{room}', { room: room.id }).then((now) => update(now as RoomInfo), () => {});
  }
}

export async function createRoom(): Promise<void> {
  setOut();
  const room = await askForRoom();
  if (!room) return;
  put(mine, room);
  tab.value = 'mine';
  go(roomPath(room.id));
}
