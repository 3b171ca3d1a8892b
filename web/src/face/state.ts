// SPDX-License-Identifier: MIT
// Whether the camera may look if somebody sits at their desk: on this device, if they said so there.
import { computed, effect, signal } from '@preact/signals';
import { store } from '../store';
import { own, seatHere } from '../study/own';

const KEY = 'study.face';

/** Whether it is wanted. */
export const wanted = signal(store.get(KEY) === 'on');
/** The camera is open. */
export const watching = signal(false);
/** The clock was stopped from here. */
export const away = signal(false);
/** Why nobody watches: what was thrown; null: nothing. */
export const problem = signal<unknown>(null);

/** The camera was taken away. */
export class Lost extends Error {}

export function want(on: boolean): void {
  if (on) store.set(KEY, 'on');
  else store.remove(KEY);
  problem.value = null;
  wanted.value = on;
}

const room = computed(() => (wanted.value ? seatHere.value : 0));
const isDue = computed(() => room.value > 0 && (away.value || own.value?.desk?.state === 'studying'));

const isStop = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError';

/** In the window of the desk, as long as there is anything to look for. Nothing is loaded before that. */
export function startFace(): void {
  addEventListener('storage', () => { wanted.value = store.get(KEY) === 'on'; }); // another window was told
  effect(() => {
    if (!isDue.value) return undefined;
    const stop = new AbortController();
    const here = room.value;
    problem.value = null;
    import('./watch').then(({ watch }) => watch(here, stop.signal)).catch((error: unknown) => {
      if (wanted.peek() && !isStop(error)) problem.value = error;
    });
    return () => stop.abort();
  });
}
