// SPDX-License-Identifier: MIT
// The settings of the account, which all devices share.
import { signal } from '@preact/signals';
import type { components } from 'maru-client';
import { language, zone } from '../i18n';
import { maru, me, rest } from '../maru';
import { store } from '../store';

export type Settings = components['schemas']['Settings'];
export const settings = signal<Settings | null>(null);

function take(now: Settings): void {
  settings.value = now;
  zone.value = now.time_zone;
}

// An account begins in UTC; who has not chosen that lives where their browser is.
const chosen = (): string => `zone.${me.peek()?.id}`;
async function settle(now: Settings): Promise<void> {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (now.time_zone !== 'UTC' || here === 'UTC' || store.get(chosen())) take(now);
  else await change({ time_zone: here, locale: language.peek() });
}

export function startSettings(): void {
  maru.on('own', ({ type, data }) => {
    if (type === 'settings.updated') take({ ...settings.peek(), ...data } as Settings);
  });
  rest.get('/v1/users/me/settings', {}).then(settle).catch(() => {}); // the browser's zone is as good until then
}

export async function change(changes: Partial<Settings>): Promise<void> {
  if (changes.time_zone) store.set(chosen(), '1');
  take(await rest.patch('/v1/users/me/settings', {}, changes));
}

export function timeZones(): string[] {
  const all = Intl.supportedValuesOf('timeZone');
  return all.includes('UTC') ? all : ['UTC', ...all];
}
