// SPDX-License-Identifier: MIT
// A list of rooms in the sidebar.
import type { RoomInfo } from 'maru-client';
import { clockTime, dayKey, number, shortDate, t } from '../i18n';
import { me } from '../maru';
import { nameOf, stateOf } from '../me/people';
import { gist } from '../chat/gist';
import { CallMark } from '../call/button';
import { openRoom, roomPath } from '../router';
import { Avatar } from '../ui/avatar';
import { Icon } from '../ui/icon';
import { occupancy } from './browse';
import { card } from './preview';
import { enter, load, mine, roomEmblem, roomTitle, trouble, type RoomPages } from './rooms';
import { activity, isMuted, lasts, waiting } from './unread';

export function RoomList({ id, list, empty }: { id: string; list: RoomPages; empty: string }) {
  const { rooms, next, loaded } = list.value;
  const more = () => { load(list, 'more').catch((problem) => { trouble.value = problem; }); };
  const isMine = list === mine;
  // Where nothing was said yet, the time of the room itself counts.
  const time = (room: RoomInfo) => activity(room.id) || Date.parse(room.created_at) || 0;
  const sorted = isMine ? [...rooms].sort((a, b) => time(b) - time(a) || b.id - a.id) : rooms;
  return (
    <>
      <ul id={id} class="rooms">{sorted.map((room) => <RoomItem key={room.id} room={room} own={isMine} />)}</ul>
      <p id={`${id}-empty`} class="empty" hidden={!loaded || rooms.length > 0}>{empty}</p>
      <button type="button" id={`${id}-more`} class="more" hidden={next === null} onClick={more}>{t('more')}</button>
    </>
  );
}

export function RoomItem({ room, own }: { room: RoomInfo; own: boolean }) {
  const title = roomTitle(room);
  const click = (event: MouseEvent) => {
    if (room.joined || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    void enter(room);
  };
  const { partner } = room;
  return (
    <li data-room={room.id}>
      <a href={roomPath(room.id)} aria-current={room.id === openRoom.value ? 'page' : undefined} onClick={click}>
        <Avatar id={partner?.id ?? room.id} name={title} emblem={roomEmblem(room)} square={!partner} state={own && partner ? stateOf(partner.id) : undefined} />
        <span class="text">
          <span class="title"><bdi>{title}</bdi>
            {room.locked && <span class="lock" role="img" aria-label={t('locked')} title={t('locked')}><Icon name="lock" /></span>}
            {own && <CallMark room={room.id} />}
            {own && <Muted id={room.id} />}
          </span>
          {own ? <Said room={room} /> : <About room={room} />}
        </span>
        {own ? <Waits id={room.id} /> : <Marks room={room} />}
      </a>
      {!room.joined && <button type="button" class="square card-of" aria-label={t('aboutRoom', { title })} title={t('aboutRoom', { title })} onClick={() => void card(room)}><Icon name="more" /></button>}
    </li>
  );
}

function Muted({ id }: { id: number }) {
  const one = waiting.value.get(id);
  return one && isMuted(one) ? <span class="lock muted" role="img" aria-label={t('muted')} title={t('muted')}><Icon name="mute" /></span> : null;
}

function Said({ room }: { room: RoomInfo }) {
  const last = lasts.value.get(room.id);
  if (!last) return <About room={room} />;
  const name = last.sender === me.value?.id ? t('you') : room.partner ? '' : nameOf(last.sender);
  return <span class="about" dir="auto">{name && `${name}: `}{gist(last)}</span>;
}

function About({ room }: { room: RoomInfo }) {
  const inside = room.partner ? 0 : occupancy.value.get(room.id) ?? 0;
  return (
    <span class="about" dir="auto">
      {[!room.partner && t('members', { n: room.member_count }), inside > 0 && t('here', { n: inside }), room.description || room.partner?.status_message].filter(Boolean).join(' · ')}
    </span>
  );
}

function Waits({ id }: { id: number }) {
  const one = waiting.value.get(id);
  const last = lasts.value.get(id);
  const date = last && new Date(last.created_at);
  const n = one?.unread ?? 0;
  return (
    <span class="waits">
      {date && <time dateTime={last.created_at}>{dayKey(date) === dayKey(new Date()) ? clockTime(date) : shortDate(date)}</time>}
      {n > 0 && (
        <span class={isMuted(one!) ? 'badge quiet' : 'badge'} data-unread={n}>
          {one!.mentions > 0 && <span aria-hidden="true">@</span>}<span aria-hidden="true">{one!.more || n > 99 ? `${number(99)}+` : number(n)}</span>
          <span class="sr">{t('unread', { n })}{one!.mentions > 0 && `, ${t('mentionsYou')}`}</span>
        </span>
      )}
    </span>
  );
}

function Marks({ room }: { room: RoomInfo }) {
  const isFull = !room.joined && room.member_count >= room.max_members;
  return (
    <span class="marks">
      {room.likes > 0 && <span class={room.liked ? 'likes mine' : 'likes'}><Icon name="heart" /><span class="sr">{t('likes', { n: room.likes })}</span><span aria-hidden="true">{number(room.likes)}</span></span>}
      {isFull ? <span class="tag">{t('full')}</span> : !room.joined && <span class="enter">{t('join')}</span>}
    </span>
  );
}
