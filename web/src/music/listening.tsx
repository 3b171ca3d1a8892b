// SPDX-License-Identifier: MIT
// To which room's music this window listens: a reload changes nothing. What plays it is loaded when somebody listens.
import { effect, signal } from '@preact/signals';
import { me } from '../maru';
import { lazy } from '../ui/lazy';

const KEY = 'maru.listens';

/** 0: to none. */
export const listening = signal(0);

export function startMusic(): void {
  try {
    const [who, room] = (sessionStorage.getItem(KEY) ?? '').split('.');
    if (Number(who) === me.value?.id && Number(room) > 0) import('./player').then(({ listen }) => listen(Number(room)), () => {});
    effect(() => { sessionStorage.setItem(KEY, listening.value ? `${me.peek()?.id}.${listening.value}` : ''); });
  } catch { /* forbidden by the browser */ }
}

const Bar = lazy(() => import('./bar'));

/** What one listens to, wherever one is on the page. */
export const Listening = () => (listening.value ? <Bar /> : null);
