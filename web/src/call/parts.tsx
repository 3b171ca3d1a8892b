// SPDX-License-Identifier: MIT
// What of calls is shown wherever one is on the page; loaded when there is something of it.
import { computed } from '@preact/signals';
import { openRoom } from '../router';
import { welcome } from '../rooms/rooms';
import { lazy } from '../ui/lazy';
import { interrupted, ringing, talk } from './state';

const Window = lazy(() => import('./window'));
const Incoming = lazy(() => import('./incoming'));

/** Where the call of this window is shown: above the conversation of its room, else in a corner. */
export const callPlace = computed(() => {
  if (!talk.value) return undefined;
  return openRoom.value === talk.value.room && welcome.value === null ? 'docked' : 'small';
});

const isWindow = computed(() => talk.value !== null);
const isAsked = computed(() => ringing.value !== null || interrupted.value > 0);

export function CallParts() {
  return <>{isWindow.value && <Window />}{isAsked.value && <Incoming />}</>;
}
