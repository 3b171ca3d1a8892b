// SPDX-License-Identifier: MIT
import type { Signal } from '@preact/signals';
import { t } from '../i18n';
import { me, rest } from '../maru';
import { roomEmblem, roomOf, roomTitle, trouble } from '../rooms/rooms';
import { go } from '../router';
import { Avatar } from '../ui/avatar';
import { confirmed } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { choosePicture } from '../ui/picture';
import { change, type Chat } from './state';

function changeCover(chat: Chat): Promise<void> {
  const id = chat.room.id;
  return choosePicture({
    heading: t('changeCover'),
    look: () => ({ id, name: chat.info.value?.title ?? '', emblem: chat.info.value?.cover, square: true }),
    set: async (file) => change(chat, await rest.put('/v1/rooms/{room}/cover', { room: id }, { file })),
    remove: async () => change(chat, await rest.delete('/v1/rooms/{room}/cover', { room: id })),
  });
}

async function leave(chat: Chat): Promise<void> {
  if (!await confirmed(t('leaveAsk'), t('leave'))) return;
  try {
    await rest.delete('/v1/rooms/{room}/members/me', { room: chat.room.id });
    go('#/');
  } catch (problem) {
    trouble.value = problem;
  }
}

export function Head({ chat, id, showPeople }: { chat: Chat; id: number; showPeople: Signal<boolean> }) {
  const room = chat.info.value ?? roomOf(id);
  const { count } = chat.people.value;
  const isHost = room !== undefined && room.host === me.value?.id;
  const title = room ? roomTitle(room) : '';
  const members = room ? t('members', { n: room.member_count }) : '';
  return (
    <header>
      <a id="back" class="button" href="#/" aria-label={t('back')}><Icon name="back" /></a>
      <button type="button" class="face" id="room-cover" disabled={!isHost} title={isHost ? t('changeCover') : ''} aria-label={t('changeCover')}
        onClick={() => void changeCover(chat)}>
        {room && <Avatar id={id} name={title} emblem={roomEmblem(room)} square />}
      </button>
      <div class="head">
        <h1 id="room-title" dir="auto">{title}{room?.locked && <Icon name="lock" />}</h1>
        <p id="room-about" dir="auto">{[members, room?.description].filter(Boolean).join(' · ')}</p>
      </div>
      <button type="button" id="people-toggle" aria-controls="people" aria-expanded={showPeople.value}
        onClick={() => { showPeople.value = !showPeople.value; }}>
        <Icon name="people" /><span id="people-toggle-count">{count > 0 ? t('here', { n: count }) : t('people')}</span>
      </button>
      <button type="button" id="leave" aria-label={t('leave')} title={t('leave')} onClick={() => void leave(chat)}><Icon name="leave" /></button>
    </header>
  );
}
