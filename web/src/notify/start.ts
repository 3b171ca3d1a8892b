// SPDX-License-Identifier: MIT
// Makes toasts and alerts of what happens where one is not looking.
import type { components, Message, RoomInfo } from 'maru-client';
import { t } from '../i18n';
import { maru, rest } from '../maru';
import { isHere, profileOf } from '../me/people';
import { messagePath, personPath, roomPath } from '../router';
import { gist } from '../chat/gist';
import { roomEmblem, roomOf, roomTitle } from '../rooms/rooms';
import { isMuted, onMessage, waiting, watched } from '../rooms/unread';
import { alertOf, showWatch } from './alert';
import { startBadge } from './badge';
import { startNews, wishes } from './state';
import { show, withdraw, type Toast } from './toasts';

type News = components['schemas']['NotificationFields'];

const callKey = (id: number): string => `call-${id}`;

function tell(toast: Toast): void {
  if (wishes.toasts.peek()) show(toast);
  void alertOf(toast);
}

/** The nickname of somebody, waited for. */
async function nickname(id: number, room: RoomInfo | undefined): Promise<{ name: string; emblem: string }> {
  if (room?.partner?.id === id) return { name: room.partner.nickname, emblem: room.partner.avatar };
  const known = profileOf(id);
  if (!known.peek()) await new Promise<void>((resolve) => {
    const off = known.subscribe((profile) => { if (profile) resolve(); });
    setTimeout(() => {
      off();
      resolve();
    }, 2000);
  });
  return { name: known.peek()?.nickname ?? '', emblem: known.peek()?.avatar ?? '' };
}

async function tellMessage(id: number, message: Message, how: 'message' | 'mention' | 'reply'): Promise<void> {
  const room = roomOf(id);
  const { name, emblem } = await nickname(message.sender, room);
  const where = room && !room.partner ? roomTitle(room) : '';
  const title = how === 'mention' ? t('toastMention', { name, room: where }) : how === 'reply' ? t('toastReply', { name, room: where }) : where ? `${name} · ${where}` : name;
  const face = room?.partner ? { id: room.partner.id, name: roomTitle(room), emblem: roomEmblem(room) } : { id: message.sender, name, emblem };
  tell({ key: `${id}:${message.seq}`, face, title, text: gist(message), path: messagePath(id, message.seq), room: id });
}

function said(room: number, message: Message): void {
  isHere(message.sender);
  const one = waiting.peek().get(room);
  if (room === watched.peek() || one?.level !== 'all' || isMuted(one)) return;
  void tellMessage(room, message, 'message');
}

async function tellCall({ id, room: at, by_user: by }: News): Promise<void> {
  const room = roomOf(at);
  const { name, emblem } = await nickname(by, room);
  tell({ key: callKey(id), face: { id: by, name, emblem }, title: t('toastCall', { name }), text: room && !room.partner ? roomTitle(room) : '', path: roomPath(at), room: at });
}

async function notified(news: News): Promise<void> {
  const { room, kind, message: seq } = news;
  if (room === watched.peek()) return;
  if (kind === 'call') return tellCall(news);
  const message = seq && await rest.get('/v1/rooms/{room}/messages/{message}', { room, message: seq }).catch(() => null);
  if (message) await tellMessage(room, message as Message, kind);
}

function asked({ id, nickname: name, avatar }: { id: number; nickname: string; avatar: string }): void {
  tell({ key: `friend:${id}`, face: { id, name, emblem: avatar }, title: name, text: t('toastFriend'), path: '#/friends' });
}

export function startNotify(): void {
  startNews();
  startBadge();
  showWatch();
  onMessage(said);
  maru.on('own', ({ type, data }) => {
    if (type === 'notification.created') void notified(data as never);
    else if (type === 'friend.requested' && data.state === 'received') asked(data as never);
    else if (type === 'friend.added') tell({ key: `friend:${Number(data.id)}`, face: { id: Number(data.id), name: String(data.nickname), emblem: String(data.avatar) }, title: String(data.nickname), text: t('toastFriendAdded'), path: personPath(Number(data.id)) });
    else if (type === 'notification.withdrawn') withdraw(({ key }) => (data.ids as number[]).some((id) => key === callKey(id)));
    else if (type === 'room.removed') withdraw(({ room }) => room === data.id);
  });
  // Read elsewhere: no longer news.
  maru.on('signal', (event, { room: id, seq }) => {
    if (event === 'maru:read_own') withdraw(({ key, room }) => room === id && Number(key.split(':')[1]) <= Number(seq));
  });
}
