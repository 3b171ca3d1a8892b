// SPDX-License-Identifier: MIT
// What is known of people outside of the open room: their profiles, asked for once, and whether they are online.
import { signal, type Signal } from '@preact/signals';
import type { components } from 'maru-client';
import { maru, rest } from '../maru';

export type Profile = components['schemas']['Profile'];

// ---- profiles

const profiles = new Map<number, Signal<Profile | null>>();

/** Somebody's profile; null until it is there, and for people of whom one may not know. */
export function profileOf(id: number): Signal<Profile | null> {
  let one = profiles.get(id);
  if (one) return one;
  profiles.set(id, one = signal<Profile | null>(null));
  const known = one;
  rest.get('/v1/users/{user}', { user: id }).then((profile) => { known.value = profile; }, () => {});
  return one;
}

export const nameOf = (id: number): string => profileOf(id).value?.nickname ?? '';

/** One hears that somebody looks different now. */
export function learn(profile: Partial<Profile> & { id: number }): void {
  const one = profiles.get(profile.id);
  if (one?.value) one.value = { ...one.value, ...profile };
}

// ---- who is online

export interface Online { online: boolean; seen: string }
export const online = signal<ReadonlyMap<number, Online>>(new Map());
const asked = new Set<number>();
const MOST = 100; // in one request

async function ask(ids: number[]): Promise<void> {
  for (let from = 0; from < ids.length; from += MOST) {
    const { presence } = await rest.get('/v1/presence', { users: ids.slice(from, from + MOST).join(',') });
    const now = new Map(online.value);
    for (const one of presence) now.set(one.id, { online: one.online, seen: one.seen_at ?? '' });
    online.value = now;
  }
}

let timer: ReturnType<typeof setTimeout> | undefined;
const fresh = new Set<number>();
function soon(): void {
  timer ??= setTimeout(() => {
    timer = undefined;
    const ids = [...fresh];
    fresh.clear();
    ask(ids).catch(() => {}); // asked again when the page is looked at
  }, 50);
}

/** Asks anew about one, for there is a reason to. */
export function askOnline(id: number): void {
  asked.add(id);
  fresh.add(id);
  soon();
}

/** online or offline as far as one may know; asked for when it is first wanted, and when the page is looked at again. */
export function stateOf(id: number): 'online' | undefined {
  if (!asked.has(id)) askOnline(id);
  return online.value.get(id)?.online ? 'online' : undefined;
}

/** Whoever does something is there. */
export function isHere(id: number): void {
  if (asked.has(id) && !online.peek().get(id)?.online) online.value = new Map(online.peek()).set(id, { online: true, seen: '' });
}

function again(): void {
  for (const id of asked) fresh.add(id);
  if (fresh.size > 0) soon();
}
document.addEventListener('visibilitychange', () => { if (!document.hidden) again(); });
maru.on('state', (state) => { if (state === 'connected') again(); });

const EVERY = 10000; // as long as one looks

/** Asks anew about everybody who is shown, and goes on asking until the function that it gives is called: nothing tells of
 *  people with whom one has no room open. */
export function watchOnline(): () => void {
  again();
  const timer = setInterval(() => { if (!document.hidden && maru.state === 'connected') again(); }, EVERY);
  return () => clearInterval(timer);
}
