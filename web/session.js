// SPDX-License-Identifier: MIT
// Who is logged in, as far as this page can know: the tokens are in cookies which no script sees, so
// login leaves the user and the time when the access token ends. With that, a reload shows the
// rooms at once, and a token that is known to have ended is renewed before it is refused.
import { forget, recall, remember } from './store.js';

const EARLY = 5000; // renew this much before the end

export function me() {
  try {
    const user = JSON.parse(recall('me'));
    return user?.id ? user : null;
  } catch {
    return null;
  }
}

export const expires = () => Number(recall('expires') ?? 0);
export const isStale = () => expires() - EARLY < Date.now();

let changed = () => {};
// What to do when something about the own account is different.
export function onMe(listener) { changed = listener; }

export function keepMe({ id, name, nickname, avatar }) {
  remember('me', JSON.stringify({ id, name, nickname, avatar }));
  changed();
}

export function keepSession({ user, expires_in: seconds }) {
  keepMe(user);
  remember('expires', String(Date.now() + seconds * 1000));
}

export function dropSession() {
  forget('me');
  forget('expires');
}

// Calls back when another window logs in or out.
export function onOtherWindow(listener) {
  const idIn = (value) => JSON.parse(value ?? 'null')?.id;
  addEventListener('storage', ({ key, oldValue, newValue }) => {
    if (key === 'maru.me' && idIn(oldValue) !== idIn(newValue)) listener();
  });
}
