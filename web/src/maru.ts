// SPDX-License-Identifier: MIT
// The one client of this page, and what of it everybody looks at.
import { signal } from '@preact/signals';
import { MaruClient, type Me, type State } from 'maru-client';
import { store } from './store';

const key = document.querySelector<HTMLMetaElement>('meta[name="maru-app-key"]')?.content ?? 'maru';

export const maru = new MaruClient({ appKey: key, store });
export const { rest } = maru;

export const me = signal<Me | null>(maru.me);
export const connection = signal<{ state: State; code?: number }>({ state: 'stopped' });

maru.on('me', (now) => { me.value = now; });
maru.on('state', (state, { code }) => {
  // Between two attempts it is still the same loss.
  if (state === 'stopped' || (state === 'connecting' && connection.value.state === 'waiting')) return;
  connection.value = { state, ...code !== undefined && { code } };
});

/** Who is logged in; only for what is not shown otherwise. */
export function myself(): Me {
  if (!me.value) throw new Error('nobody is logged in');
  return me.value;
}
