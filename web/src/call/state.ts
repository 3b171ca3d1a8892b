// SPDX-License-Identifier: MIT
// The calls that go on in one's rooms, and what this window does in one of them. It is small, as every page begins with it;
// all that makes a call is in session.ts, which is loaded when there is one.
import { computed, signal } from '@preact/signals';
import type { components, Data, StreamEvent } from 'maru-client';
import { maru, me, rest } from '../maru';
import { onRoom } from '../rooms/unread';

export type CallMember = components['schemas']['CallMember'];
export type Call = components['schemas']['Call'];
export interface Ended { id: number; room: number; reason: string; duration: number }

/** Of the call that this window is in: S3.video-call-1 names them. Without a call it is idle, an incoming one is in `ringing`. */
export type TalkState = 'requesting' | 'connecting' | 'connected' | 'reconnecting' | 'failed' | 'rejected' | 'ended';
export type CallError = 'DEVICE_NOT_FOUND' | 'PERMISSION_DENIED' | 'CONNECTION_FAILED' | 'QUALITY_WARNING' | 'TIMEOUT';
export interface Talk {
  state: TalkState;
  room: number;
  /** 0 until the server knows of it. */
  call: number;
  peer: string;
  video: boolean;
  error?: CallError | undefined;
  /** When somebody was connected first, in milliseconds of this clock. */
  since?: number | undefined;
  /** This window is not in it any more. */
  over: boolean;
  /** Then: what is said about it. */
  outcome?: string | undefined;
}

/** By room. */
export const calls = signal<ReadonlyMap<number, Call>>(new Map());
/** The last one that ended. */
export const ended = signal<Ended | null>(null);
export const talk = signal<Talk | null>(null);
/** The room of the call that a reload of this window has interrupted; 0: none. */
export const interrupted = signal(0);

const hushed = signal<ReadonlySet<number>>(new Set());
/** Who rings, where it is known. */
export const ringers = new Map<number, number>();

export const others = (call: Call): CallMember[] => call.members.filter(({ user, state }) => state === 'in' && user !== me.value?.id);
export const inside = (call: Call): CallMember[] => call.members.filter(({ state }) => state === 'in');
export const seatIn = (call: Call | undefined): CallMember | undefined => call?.members.find(({ user }) => user === me.value?.id);
/** Whether this window sits in it. */
export const isHere = (room: number): boolean => talk.value?.room === room && !talk.value.over;

/** The call that rings for oneself. */
export const ringing = computed(() => [...calls.value.values()].find((call) => seatIn(call)?.state === 'ringing' && !hushed.value.has(call.id)) ?? null);

export function hush(call: number, on = true): void {
  const now = new Set(hushed.peek());
  if (on) now.add(call);
  else now.delete(call);
  hushed.value = now;
}

// ---- what is heard

const seqs = new Map<number, number>(); // of the last event of each room: it may come by two ways
let heard = 0;
const heardAt = new Map<number, number>(); // of each room, when that was

function note(room: number): void {
  heardAt.set(room, ++heard);
}

function set(room: number, call: Call | null): void {
  const now = new Map(calls.peek());
  if (call) now.set(room, call);
  else now.delete(room);
  calls.value = now;
}

/** Something happened in a room. */
export function hear(room: number, type: string, data: Data): void {
  if (!type.startsWith('call.')) return;
  const seq = Number(data.seq ?? 0);
  if (seq > 0 && seq <= (seqs.get(room) ?? 0)) return;
  seqs.set(room, Math.max(seq, seqs.get(room) ?? 0));
  note(room);
  if (type !== 'call.ended') {
    set(room, data as unknown as Call);
    return;
  }
  ended.value = data as unknown as Ended;
  if (calls.peek().get(room)?.id === data.id) set(room, null);
}

/** Asks the server about a call; the answer counts unless something newer was heard meanwhile. */
export async function learn(work: () => Promise<unknown>): Promise<Call> {
  const before = heard;
  const call = await work() as Call;
  if ((heardAt.get(call.room) ?? 0) <= before || calls.peek().get(call.room)?.id !== call.id) set(call.room, call);
  return call;
}

async function readAll(): Promise<void> {
  const before = heard;
  const { calls: all } = await rest.get('/v1/calls', {});
  const isNewer = (room: number) => (heardAt.get(room) ?? 0) > before;
  const now = new Map(all.filter(({ room }) => !isNewer(room)).map((call) => [call.room, call]));
  for (const [room, call] of calls.peek()) if (isNewer(room)) now.set(room, call);
  calls.value = now;
}

let timer: ReturnType<typeof setTimeout> | undefined;
/** Asks anew about all of them, once for many reasons. */
export function recall(): void {
  timer ??= setTimeout(() => {
    timer = undefined;
    readAll().catch(() => {}); // asked again with the next connection
  }, 300);
}

function own({ type, data }: StreamEvent): void {
  if (type === 'call.ringing') {
    const call = data.call as Call;
    ringers.set(call.id, Number(data.from));
    hush(call.id, false);
    note(call.room);
    set(call.room, call);
  } else if (type === 'call.silenced') hush(Number(data.id));
  else if (type === 'room.removed') set(Number(data.id), null);
  else if (type === 'reset' || type === 'room.added') recall();
}

// ---- a window that is loaded anew

const KEPT = 'maru.call';
const FRESH = 60000; // milliseconds; later nobody waits for one

/** Notes the room whose call this window is in; 0: none. */
export function keepCall(room: number): void {
  try {
    if (room > 0) sessionStorage.setItem(KEPT, `${room} ${Date.now()}`);
    else sessionStorage.removeItem(KEPT);
  } catch { /* forbidden by the browser */ }
}

function readKept(): number {
  try {
    const [room = 0, time = 0] = (sessionStorage.getItem(KEPT) ?? '').split(' ').map(Number);
    return Date.now() - time < FRESH ? room : 0;
  } catch {
    return 0; // the same
  }
}

export function startCalls(): void {
  interrupted.value = readKept();
  keepCall(0);
  maru.on('own', own);
  onRoom((room, event, data) => {
    if (event !== 'subscribed') hear(room, event, data);
    else if (data.recovered !== true) {
      seqs.delete(room); // its history may be another one
      recall();
    }
  });
}

/** Hangs up, if there is a call here. */
export async function hangUp(): Promise<void> {
  if (talk.peek()?.over === false) await (await session()).current.peek()?.leave();
}

/** All that makes a call, once it is needed. */
export const session = (): Promise<typeof import('./session')> => import('./session');
