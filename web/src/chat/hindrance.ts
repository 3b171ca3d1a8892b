// SPDX-License-Identifier: MIT
// Why one cannot write at the moment, in words: muted, nobody at the other end, slow mode.
import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n';
import { me } from '../maru';
import { roomTitle } from '../rooms/rooms';
import { whenText } from '../room/when';
import { MODERATOR, myRank, type Chat } from './state';

const lastOwn = new WeakMap<Chat, number>();

// When one wrote last, by the clock of this device as far as it was heard here: only that one counts down rightly.
// What is on its way is written now.
function lastOf(chat: Chat, now: number): number {
  if (chat.pending.value.some(({ state }) => state !== 'failed')) return now;
  const heard = lastOwn.get(chat);
  if (heard !== undefined) return heard;
  const last = chat.room.timeline.lines.filter(({ message }) => message?.sender === me.value?.id).at(-1)?.message;
  return last ? Math.min(Date.now(), new Date(last.created_at).getTime()) : 0;
}

/** Seconds until one may write again in a room with slow mode; 0: now. */
export function waitOf(chat: Chat, now: number): number {
  const slow = chat.version.value >= 0 ? chat.info.value?.slow_seconds ?? 0 : 0;
  if (slow === 0 || rankInRoom(chat) >= MODERATOR) return 0;
  return Math.max(0, Math.ceil((lastOf(chat, now) + slow * 1000 - now) / 1000));
}

// Admins are members like others here.
const rankInRoom = (chat: Chat): number => (me.value?.role === 'admin' ? Number(chat.members.mine.value?.role !== 'member') * MODERATOR : myRank(chat));

const mutedUntil = (chat: Chat): number => new Date(chat.members.mine.value?.muted_until ?? 0).getTime();

/** Why the field is closed; '' if it is open. */
export function hindranceOf(chat: Chat, now: number): string {
  const room = chat.info.value;
  if (room?.sendable === false) return t('notSendable', { name: roomTitle(room) });
  const muted = mutedUntil(chat);
  return muted > now ? t('mutedUntil', { time: whenText(new Date(muted)) }) : '';
}

/** The time, moving as long as something runs out. */
export function useNow(chat: Chat): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => chat.room.on('events', (events) => {
    if (!events.some(({ type, data }) => type === 'message.created' && data.sender === me.value?.id)) return;
    lastOwn.set(chat, Date.now());
    setNow(Date.now());
  }), []);
  const present = Date.now();
  const runs = waitOf(chat, present) > 0 || mutedUntil(chat) > present;
  useEffect(() => {
    if (!runs) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [runs]);
  return Math.max(now, present);
}
