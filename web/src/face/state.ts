// SPDX-License-Identifier: MIT
// Whether the camera may look if somebody sits at their desk: on this device, if they said so.
import { computed, effect, signal } from '@preact/signals';
import { store } from '../store';
import { own, seatHere } from '../study/own';

const KEY = 'study.face';

/** Whether it is wanted. */
export const wanted = signal(store.get(KEY) === 'on');
/** The camera is open. */
export const watching = signal(false);
/** Why it is not: what was thrown, 'lost' if the camera was taken away; null: nothing. */
export const problem = signal<unknown>(null);

export function want(on: boolean): void {
  if (on) store.set(KEY, 'on');
  else store.remove(KEY);
  problem.value = null;
  wanted.value = on;
}

/** The room in which one's clock runs, if this is the window of that desk; 0: none. */
export const studyingHere = computed(() => (own.value?.desk?.state === 'studying' && own.value.desk.room === seatHere.value ? seatHere.value : 0));

/** Nothing is loaded before it is wanted. */
export function startFace(): void {
  effect(() => {
    const room = studyingHere.value;
    if (wanted.value && room > 0) void import('./watch').then(({ watchDesk }) => watchDesk(room));
  });
}
