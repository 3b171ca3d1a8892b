// SPDX-License-Identifier: MIT
// Coming and going. Whatever changes who one is begins with a fresh page: so nothing of the one before is left.
import { hangUp } from './call/state';
import { maru } from './maru';
import { store } from './store';
import type { TextKey } from './i18n';

let leaving = false;

/** Loads the page anew; reason: a text that the login form says. The first one counts. */
export function startOver(reason?: TextKey): void {
  if (leaving) return;
  leaving = true;
  if (reason) store.set('reason', reason);
  location.reload();
}

export function connect(): void {
  maru.on('ended', () => startOver('sessionEnded'));
  maru.start().catch(() => {}); // only without a login that is known here, see main.tsx
}

export async function logOut(): Promise<void> {
  await hangUp();
  await maru.logOut();
  history.replaceState(null, '', '#');
  startOver();
}
