// SPDX-License-Identifier: MIT
// What one can do with a message, in the order of the menu. Only what one may do is in the list.
import type { Message } from 'maru-client';
import { t } from '../i18n';
import { rest } from '../maru';
import { messagePath } from '../router';
import { confirmed } from '../ui/dialog';
import { chooseEmoji } from '../ui/emoji';
import type { IconName } from '../ui/icon';
import { draftOf } from './draft';
import { isMine, isThere, mayDelete, mayEdit, maySeeVersions } from './rights';
import { mayPin } from './state';
import type { Place, Talk } from './talk';

export interface Act {
  id: string;
  icon: IconName;
  label: string;
  run: (anchor: Element) => unknown;
  grave?: boolean;
}

export function toggleReaction({ room }: Talk, message: Message, emoji: string): Promise<void> {
  const on = !message.reactions?.some((one) => one.emoji === emoji && one.mine);
  return room.react(message.seq, emoji, on);
}

export async function reactTo(talk: Talk, message: Message, anchor: Element): Promise<void> {
  const emoji = await chooseEmoji(anchor);
  if (emoji) await talk.room.react(message.seq, emoji, true);
}

export function replyTo(talk: Talk, message: Message): void {
  const draft = draftOf(talk.room.id);
  draft.more.value = { ...draft.more.value, reply_to: message.seq };
  document.getElementById('text')?.focus();
}

async function copy(talk: Talk, text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
  talk.say(t('messageCopied'));
}

async function remove({ room }: Talk, message: Message): Promise<void> {
  if (!await confirmed(t('messageDeleteAsk'), t('messageDelete'))) return;
  await rest.delete('/v1/rooms/{room}/messages/{message}', { room: room.id, message: message.seq });
}

async function hide({ room }: Talk, message: Message): Promise<void> {
  if (!await confirmed(t('messageHideAsk'), t('messageHide'))) return;
  await rest.delete('/v1/rooms/{room}/messages/{message}', { room: room.id, message: message.seq, scope: 'me' });
}

async function reportMessage(talk: Talk, { seq }: Message): Promise<void> {
  const { report } = await import('../ui/report');
  if (await report({ room: talk.room.id, message: seq }, t('flagHeading'), t('flagAbout'))) talk.say(t('reportSent'));
}

async function pin({ room }: Talk, message: Message, on: boolean): Promise<void> {
  const params = { room: room.id, message: message.seq };
  await (on ? rest.put('/v1/rooms/{room}/pins/{message}', params) : rest.delete('/v1/rooms/{room}/pins/{message}', params));
}

const linkTo = (talk: Talk, { seq }: Message): string => `${location.origin}${location.pathname}${messagePath(talk.room.id, seq)}`;

function talking(talk: Talk, message: Message, place: Place): (Act | false)[] {
  const inThread = message.thread !== undefined;
  return [
    { id: 'react', icon: 'smile', label: t('react'), run: (anchor) => reactTo(talk, message, anchor) },
    place === 'room' && { id: 'reply', icon: 'reply', label: t('reply'), run: () => replyTo(talk, message) },
    place === 'room' && !inThread && { id: 'thread', icon: 'thread', label: t('threadOpen'), run: () => talk.openThread(message.seq) },
    place !== 'alone' && mayEdit(message) && { id: 'edit', icon: 'pencil', label: t('edit'), run: () => talk.edit(message.seq, place) },
  ];
}

function keeping(talk: Talk, message: Message, place: Place): (Act | false)[] {
  const pinned = talk.pins.value.has(message.seq);
  return [
    message.body !== '' && { id: 'copy', icon: 'copy', label: t('copyText'), run: () => copy(talk, message.body) },
    { id: 'link', icon: 'link', label: t('copyLink'), run: () => copy(talk, linkTo(talk, message)) },
    message.type !== 'poll' && { id: 'forward', icon: 'forward', label: t('forward'), run: async () => (await import('./forward')).forward(talk, message) },
    mayPin(talk.chat) && place !== 'alone' && { id: 'pin', icon: 'pin', label: t(pinned ? 'unpin' : 'pin'), run: () => pin(talk, message, !pinned) },
    (message.reactions?.length ?? 0) > 0 && { id: 'reactors', icon: 'people', label: t('reactors'), run: async () => (await import('./reactors')).showReactors(talk, message) },
    maySeeVersions(talk, message) && { id: 'versions', icon: 'history', label: t('versions'), run: async () => (await import('./versions')).showVersions(talk, message) },
  ];
}

function ending(talk: Talk, message: Message): (Act | false)[] {
  return [
    { id: 'hide', icon: 'hide', label: t('messageHide'), run: () => hide(talk, message) },
    !isMine(message) && { id: 'report', icon: 'alert', label: t('flag'), run: () => reportMessage(talk, message) },
    mayDelete(talk, message) && { id: 'delete', icon: 'trash', label: t('messageDelete'), run: () => remove(talk, message), grave: true },
  ];
}

export function actsOf(talk: Talk, message: Message, place: Place): Act[] {
  if (!isThere(message)) return [];
  return [...talking(talk, message, place), ...keeping(talk, message, place), ...ending(talk, message)].filter((act): act is Act => act !== false);
}
