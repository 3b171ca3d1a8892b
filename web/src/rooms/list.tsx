// SPDX-License-Identifier: MIT
// A list of rooms in the sidebar.
import type { RoomInfo } from 'maru-client';
import { t } from '../i18n';
import { openRoom, roomPath } from '../router';
import { Avatar } from '../ui/avatar';
import { Icon } from '../ui/icon';
import { enter, load, roomEmblem, roomTitle, trouble, type RoomPages } from './rooms';

export function RoomList({ id, list, empty }: { id: string; list: RoomPages; empty: string }) {
  const { rooms, next, loaded } = list.value;
  const more = () => { load(list, true).catch((problem) => { trouble.value = problem; }); };
  return (
    <>
      <ul id={id} class="rooms">{rooms.map((room) => <RoomItem key={room.id} room={room} />)}</ul>
      <p id={`${id}-empty`} class="empty" hidden={!loaded || rooms.length > 0}>{empty}</p>
      <button type="button" id={`${id}-more`} class="more" hidden={next === null} onClick={more}>{t('more')}</button>
    </>
  );
}

export function RoomItem({ room }: { room: RoomInfo }) {
  const title = roomTitle(room);
  const click = (event: MouseEvent) => {
    if (room.joined || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    void enter(room);
  };
  return (
    <li data-room={room.id}>
      <a href={roomPath(room.id)} aria-current={room.id === openRoom.value ? 'page' : undefined} onClick={click}>
        <Avatar id={room.id} name={title} emblem={roomEmblem(room)} square />
        <span class="text">
          <span class="title"><bdi>{title}</bdi>
            {room.locked && <span class="lock" role="img" aria-label={t('locked')} title={t('locked')}><Icon name="lock" /></span>}
          </span>
          <span class="about" dir="auto">{[t('members', { n: room.member_count }), room.description].filter(Boolean).join(' · ')}</span>
        </span>
        {!room.joined && <span class="enter">{t('join')}</span>}
      </a>
    </li>
  );
}
