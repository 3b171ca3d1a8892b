// SPDX-License-Identifier: MIT
// Clocks that run on: one timer for all, by the server's time, and none while nobody looks.
import { signal } from '@preact/signals';
import { t } from '../i18n';
import { maru } from '../maru';
import type { Desk } from './own';

const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

let timer: ReturnType<typeof setTimeout> | undefined;

// In whole seconds, so that no clock stands still for two of them or leaves one out.
function tick(): void {
  const at = maru.http.now;
  now.value = at - at % SECOND;
  timer = setTimeout(tick, SECOND - at % SECOND);
}

function look(): void {
  clearTimeout(timer);
  if (!document.hidden) tick();
}

/** The time at the server; it goes on while somebody listens and the page is seen. */
export const now = signal(0, {
  watched: () => {
    queueMicrotask(look);
    document.addEventListener('visibilitychange', look);
  },
  unwatched: () => {
    queueMicrotask(() => clearTimeout(timer));
    document.removeEventListener('visibilitychange', look);
  },
});

/** How long somebody at a desk has studied on their day. */
export function studiedToday({ since, today, day_began_at, day_ends_at }: Desk, at: number): number {
  const ends = Date.parse(day_ends_at);
  const isOver = at >= ends;
  const begins = isOver ? at - (at - ends) % DAY : Date.parse(day_began_at);
  const runs = since ? at - Math.max(Date.parse(since), begins) : 0;
  return (isOver ? 0 : today) + Math.max(0, runs);
}

const two = (n: number): string => String(n).padStart(2, '0');
/** 01:02:03 */
export const clockText = (ms: number): string => `${two(Math.floor(ms / HOUR))}:${two(Math.floor(ms / MINUTE) % 60)}:${two(Math.floor(ms / SECOND) % 60)}`;

export const Time = ({ ms }: { ms: number }) => <span class="clock" role="timer" aria-label={t('studiedToday')}>{clockText(ms)}</span>;

export const Clock = ({ desk }: { desk: Desk }) => <Time ms={studiedToday(desk, now.value)} />;
