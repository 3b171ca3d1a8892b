// SPDX-License-Identifier: MIT
// How many notifications are unread, and what a device does about news: kept in this browser.
import { signal } from '@preact/signals';
import { maru, rest } from '../maru';
import { store } from '../store';

export const news = signal(0);
/** Goes up when the list of notifications is another one. */
export const newsChanged = signal(0);

let timer: ReturnType<typeof setTimeout> | undefined;
export function recountNews(): void {
  timer ??= setTimeout(() => {
    timer = undefined;
    rest.get('/v1/notifications', { limit: 1, unread: 1 }).then((page) => { news.value = page.unread; }, () => {});
  }, 100);
}

export function startNews(): void {
  recountNews();
  maru.on('own', ({ type }) => {
    if (!type.startsWith('notification.') && type !== 'reset' && type !== 'room.removed') return;
    newsChanged.value++;
    recountNews();
  });
}

// ---- what this device does

export const wishes = {
  toasts: signal(store.get('notify.toasts') !== '0'),
  sound: signal(store.get('notify.sound') === '1'),
  desktop: signal(store.get('notify.desktop') === '1' && globalThis.Notification?.permission === 'granted'),
};
export type Wish = keyof typeof wishes;

export function wish(name: Wish, on: boolean): void {
  wishes[name].value = on;
  store.set(`notify.${name}`, on ? '1' : '0');
}
