// SPDX-License-Identifier: MIT
// Which screen the address names: #/rooms/5, #/friends ... Each is a row here and a component in app.tsx.
import { computed, signal } from '@preact/signals';

const SCREENS = {
  home: /^$/,
  room: /^rooms\/(\d{1,16})$/,
  me: /^me$/,
  person: /^people\/(\d{1,16})$/,
  friends: /^friends$/,
  search: /^search$/,
  notifications: /^notifications$/,
  settings: /^settings$/,
  admin: /^admin$/,
  invite: /^invites\/([\w-]{1,64})$/,
} as const;
export type Screen = keyof typeof SCREENS | 'unknown';

const hash = signal(location.hash);
let isByGo = false; // the change of the address that is about to be heard

let left: Element | null = null; // what had the focus when one set out for where one is, or is about to be
/** One sets out for a place; what asks the server before it goes there says so first. */
export function setOut(): void {
  left = document.activeElement;
}
/** One has gone to nothing else since. Else a place that opens late must not take the focus. */
export const hasWaited = (): boolean => [left, document.body, null].includes(document.activeElement);

addEventListener('hashchange', () => {
  if (!isByGo) setOut();
  isByGo = false;
  hash.value = location.hash;
});

/** The screen, what stands in the address after it (an id, a code), and its parameters. */
export const route = computed(() => {
  const [path = '', query = ''] = hash.value.replace(/^#\/?/, '').split('?');
  for (const [screen, pattern] of Object.entries(SCREENS)) {
    const match = pattern.exec(path);
    if (match) return { screen: screen as Screen, id: match[1] ?? '', query: new URLSearchParams(query) };
  }
  return { screen: 'unknown' as Screen, id: '', query: new URLSearchParams() };
});

export const openRoom = computed(() => (route.value.screen === 'room' ? Number(route.value.id) : 0));

export const roomPath = (id: number): string => `#/rooms/${id}`;
export const messagePath = (room: number, seq: number): string => `${roomPath(room)}?at=${seq}`;
export const personPath = (id: number): string => `#/people/${id}`;

export function go(path: string): void {
  const before = location.hash;
  location.hash = path;
  isByGo = location.hash !== before;
}

/** In place of the present address, so that "back" does not lead there. */
export function replace(path: string): void {
  history.replaceState(null, '', path);
  hash.value = location.hash;
}
