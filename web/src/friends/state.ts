// SPDX-License-Identifier: MIT
// Friends, requests and blocks: what is asked of one, and the acts.
import { signal } from '@preact/signals';
import type { components, RoomInfo } from 'maru-client';
import { t } from '../i18n';
import { maru, rest } from '../maru';
import { learn } from '../me/people';
import { go, roomPath, setOut } from '../router';
import { mine, put } from '../rooms/rooms';
import { confirmed } from '../ui/dialog';

export type Friend = components['schemas']['Friend'];
export type Block = components['schemas']['Block'];

/** How many have asked to be friends. */
export const requests = signal(0);
/** Goes up when a friend, a request or a block is different. */
export const friendsChanged = signal(0);

const MOST = 100;
let timer: ReturnType<typeof setTimeout> | undefined;
function recount(): void {
  timer ??= setTimeout(() => {
    timer = undefined;
    rest.get('/v1/friends', { state: 'received', limit: MOST }).then(({ friends }) => { requests.value = friends.length; }, () => {});
  }, 100);
}

export function startFriends(): void {
  recount();
  maru.on('own', ({ type, data }) => {
    if (!/^(friend|block)\.|^reset$/.test(type)) return;
    if (type === 'friend.updated') learn(data as never);
    friendsChanged.value++;
    recount();
  });
}

// ---- acts

/** Opens the direct room with somebody. */
export async function writeTo(user: number): Promise<void> {
  setOut();
  const room = await rest.put('/v1/direct-rooms/{user}', { user }, {}) as RoomInfo;
  put(mine, room);
  go(roomPath(room.id));
}

export const befriend = (user: number) => rest.put('/v1/friends/{user}', { user }, {});
export const favor = (user: number, favorite: boolean) => rest.patch('/v1/friends/{user}', { user }, { favorite });
export const unblock = (user: number) => rest.delete('/v1/blocks/{user}', { user });
/** Ends a friendship, takes a request back or declines one. */
export const unfriend = (user: number) => rest.delete('/v1/friends/{user}', { user });

export async function unfriendAsked(user: number, name: string): Promise<void> {
  if (await confirmed(t('unfriendAsk', { name }), t('unfriend'))) await unfriend(user);
}

export async function blockAsked(user: number, name: string): Promise<boolean> {
  if (!await confirmed(t('blockAsk', { name }), t('block'))) return false;
  await rest.put('/v1/blocks/{user}', { user }, {});
  return true;
}
