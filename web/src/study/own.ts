// SPDX-License-Identifier: MIT
// Where one sits, and how long one has studied today, on all devices.
import { signal } from '@preact/signals';
import type { components, StreamEvent } from 'maru-client';
import { maru, rest } from '../maru';

export type Desk = components['schemas']['DeskFields'];
type Stats = components['schemas']['StudyStats'];
export type Own = Pick<Stats, 'time_zone' | 'day_start' | 'goal' | 'today'> & { desk: Desk | null };

/** As it was when it was told last; null until it is known. What runs since is for studiedToday() of clock.ts. */
export const own = signal<Own | null>(null);
let run = 0;

export async function loadOwn(): Promise<void> {
  const mine = ++run;
  const stats = await rest.get('/v1/study-stats', { period: 'day' });
  if (mine === run) own.value = { ...stats, desk: stats.desk ?? null };
}

/** One sits there; what was asked for before is older. */
export function sitsAt(desk: Desk): void {
  run++;
  if (own.peek()) own.value = { ...own.peek()!, desk };
  else reload();
}

function reload(): void {
  loadOwn().catch(() => {}); // the panel asks again, and says why it can't
}

function hear({ type, data }: StreamEvent): void {
  if (type === 'desk.updated') sitsAt(data as unknown as Desk);
  else if (type === 'desk.left' && own.peek()?.desk?.room === data.room) {
    own.value = { ...own.peek()!, desk: null };
    reload();
  } else if (type === 'reset' || type === 'settings.updated') reload();
}

export function startStudy(): void {
  maru.on('own', hear);
  reload();
}
