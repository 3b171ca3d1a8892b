// SPDX-License-Identifier: MIT
// What is said of calls.
import { t, type TextKey } from '../i18n';
import { me } from '../maru';
import { nameOf } from '../me/people';
import { roomOf, roomTitle } from '../rooms/rooms';
import type { MediaError } from './media';

const two = (n: number): string => String(n).padStart(2, '0');

/** 1:02:03, or 02:03 */
export function spanText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const hours = Math.floor(seconds / 3600);
  return `${hours > 0 ? `${hours}:` : ''}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** What somebody is called, wherever one is. */
export function personName(room: number, user: number): string {
  if (user === me.value?.id) return t('you');
  const partner = roomOf(room)?.partner;
  return partner?.id === user ? partner.nickname : nameOf(user);
}

export function placeName(room: number): string {
  const known = roomOf(room);
  return known ? roomTitle(known) : '';
}

/** Why there is no microphone, camera or screen; none: what is said where there is no such thing. */
export const deviceText = ({ code, insecure }: MediaError, none: TextKey = 'callNoDevice'): string =>
  t(insecure ? 'callInsecure' : code === 'PERMISSION_DENIED' ? 'callDenied' : none);
