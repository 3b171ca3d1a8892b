// SPDX-License-Identifier: MIT
// The theme of this device; static/theme.js applies it before the first paint.
import { signal } from '@preact/signals';
import { store } from '../store';

export const THEMES = ['system', 'light', 'dark', 'contrast'] as const;
export type Theme = (typeof THEMES)[number];

export const theme = signal<Theme>(THEMES.find((one) => one === store.get('theme')) ?? 'system');

export function setTheme(now: Theme): void {
  theme.value = now;
  if (now === 'system') store.remove('theme');
  else store.set('theme', now);
  dispatchEvent(new Event('maru:theme'));
}
