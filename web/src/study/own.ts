// SPDX-License-Identifier: MIT
// Where one sits, and how long one has studied today, on all devices.
import { effect, signal } from '@preact/signals';
import type { components, StreamEvent } from 'maru-client';
import { maru, rest } from '../maru';
import { openRoom } from '../router';

export type Desk = components['schemas']['DeskFields'];
export type Own = Omit<components['schemas']['StudyToday'], 'desk'> & { desk: Desk | null };

/** As it was when it was told last; null until it is known. What runs since is for studiedToday() of clock.ts. */
export const own = signal<Own | null>(null);
let run = 0;
let told = 0; // how often an event has told of one's desk

export async function loadOwn(): Promise<void> {
  const mine = ++run;
  const today = await rest.get('/v1/study-today', {});
  if (mine === run) own.value = { ...today, desk: today.desk ?? null };
}

/** One sits there; what was asked for before is older. */
function sitsAt(desk: Desk): void {
  run++;
  if (own.peek()) own.value = { ...own.peek()!, desk };
  else reload();
}

/** Sits down, pauses or goes on; rejects with the Problem. */
export async function sit(room: number, state: Desk['state']): Promise<void> {
  const before = told;
  const desk = await rest.put('/v1/rooms/{room}/desk', { room }, { state });
  if (told === before) sitsAt(desk); // else an event has told of that, or is about to
}

function reload(): void {
  loadOwn().catch(() => {}); // the panel asks again, and says why it can't
}

function hear({ type, data }: StreamEvent): void {
  if (type === 'desk.updated' || type === 'desk.left') told++;
  if (type === 'desk.updated') sitsAt(data as unknown as Desk);
  else if (type === 'desk.left' && own.peek()?.desk?.room === data.room) {
    own.value = { ...own.peek()!, desk: null };
    reload();
  } else if (type === 'reset' || type === 'settings.updated') reload();
}

const SEAT = 'maru.seat';
/** The room of one's desk, if this window is the one that is there; 0: none. */
export const seatHere = signal(0);
let seat = 0; // the room in which this window is, as long as one sits there; a reload changes nothing
try {
  seat = Number(sessionStorage.getItem(SEAT));
} catch { /* forbidden by the browser */ }

function takeSeat(room: number): void {
  seat = room;
  try {
    sessionStorage.setItem(SEAT, String(room));
  } catch { /* the same */ }
}

// The clock runs while the server sees one in the room. So a window in which that was open stays there, whatever it shows
// now; another one, perhaps forgotten on another computer, would let the clock run for ever.
function keepSeat(): void {
  let kept = 0;
  let leave = (): void => {};
  effect(() => {
    const room = own.value?.desk?.room ?? 0;
    if (room > 0 && openRoom.value === room) takeSeat(room);
    const keeps = seat === room ? room : 0;
    if (keeps === kept) return;
    leave();
    leave = keeps ? maru.listen(`presence-room-${keeps}`, () => {}) : () => {};
    seatHere.value = kept = keeps;
  });
}

export function startStudy(): void {
  maru.on('own', hear);
  keepSeat();
  reload();
}
