// SPDX-License-Identifier: MIT
// The head of a room: what it is called, who is in it, and behind one button all that can be done with it.
import type { Signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { RoomInfo } from 'maru-client';
import { ago, number, t } from '../i18n';
import { rest } from '../maru';
import { askOnline, online, stateOf } from '../me/people';
import { roomEmblem, roomOf, roomTitle, trouble } from '../rooms/rooms';
import { go, personPath } from '../router';
import { Menu, type MenuItems } from '../room/menu';
import { Avatar } from '../ui/avatar';
import { ask, confirmed } from '../ui/dialog';
import { Icon, type IconName } from '../ui/icon';
import { choosePicture } from '../ui/picture';
import { CallButton } from '../call/button';
import type { Panel } from './screen';
import { change, HOST, MODERATOR, myRank, type Chat } from './state';

export function changeCover(chat: Chat): Promise<void> {
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

async function reportRoom(chat: Chat): Promise<void> {
  const { report } = await import('../ui/report');
  if (await report({ room: chat.room.id }, t('reportRoom'), t('reportRoomAbout'))) chat.outcome.value = t('reportSent');
}

type Dialogs = typeof import('../room/dialogs');

// The dialogs are loaded when the first one is asked for.
function open(chat: Chat, name: keyof Dialogs): () => void {
  return () => void import('../room/dialogs').then((dialogs) => {
    const View = dialogs[name];
    return ask((close) => <View chat={chat} close={() => close(null)} />);
  });
}

const PANELS: [Panel, IconName][] = [['music', 'music'], ['board', 'board'], ['study', 'clock'], ['todos', 'todo']];

const isOutOfSight = (id: string): boolean => document.getElementById(id)?.checkVisibility() === false;

async function like(chat: Chat, room: RoomInfo): Promise<void> {
  const { liked } = room;
  change(chat, { liked: !liked, likes: room.likes + (liked ? -1 : 1) });
  const path = '/v1/rooms/{room}/like';
  try {
    const { liked: now, likes } = await (liked ? rest.delete(path, { room: room.id }) : rest.put(path, { room: room.id }));
    change(chat, { liked: now, likes });
  } catch (problem) {
    change(chat, { liked, likes: room.likes });
    chat.outcome.value = problem;
  }
}

function menuOf(chat: Chat, panel: Signal<Panel | null>): MenuItems {
  const room = chat.info.value ?? roomOf(chat.room.id); // as the head has it
  const isDirect = room?.kind === 'direct';
  const rank = myRank(chat);
  return [
    { label: t('searchHere'), icon: 'search', href: `#/search?in=${chat.room.id}` },
    // Where the head has no room for their buttons.
    ...PANELS.map(([name, icon]) => isOutOfSight(`${name}-toggle`) && { label: t(name), icon, act: () => { panel.value = name; } }),
    room && isOutOfSight('like') && { label: t('likeThis'), hint: t('likeCount', { n: room.likes }), icon: 'heart', checked: room.liked, act: () => void like(chat, room) },
    { label: t('notices'), icon: 'megaphone', act: open(chat, 'Notices') },
    { label: t('pins'), icon: 'pin', act: open(chat, 'Pins') },
    { label: t('ruleHeading'), icon: 'bell', act: open(chat, 'Rule') },
    null,
    !isDirect && (room?.kind !== 'secret' || rank >= MODERATOR) && { label: t('invites'), icon: 'link', act: open(chat, 'Invites') },
    !isDirect && rank >= MODERATOR && { label: t('bans'), icon: 'ban', act: open(chat, 'Bans') },
    !isDirect && rank >= MODERATOR && { label: t('roomSettings'), icon: 'settings', act: open(chat, 'Settings') },
    { label: t('exportHeading'), icon: 'download', act: open(chat, 'Export') },
    null,
    { label: t('reportRoom'), icon: 'report', act: () => void reportRoom(chat) },
    { label: t('leave'), icon: 'leave', id: 'leave', danger: true, act: () => void leave(chat) },
  ];
}

// From so many pixels on there is room for a tight head with the to-dos, for one with the cover, for music and board, for all.
const STEPS = [350, 430, 560, 640];

/** Shows in the head what it has room for now; the rest is in its menu. */
export function fitHead(): void {
  const head = document.querySelector<HTMLElement>('#room > header');
  if (head) head.dataset.steps = String(STEPS.filter((step) => head.clientWidth >= step).length);
}

export function Head({ chat, id, showPeople, panel }: { chat: Chat; id: number; showPeople: Signal<boolean>; panel: Signal<Panel | null> }) {
  const room = chat.info.value ?? roomOf(id);
  const { count } = chat.people.value;
  const isDirect = room?.kind === 'direct';
  const mayChange = room !== undefined && !isDirect && myRank(chat) >= HOST;
  const title = room ? roomTitle(room) : '';
  const head = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const watch = new ResizeObserver(fitHead);
    fitHead();
    watch.observe(head.current!);
    return () => watch.disconnect();
  }, []);
  return (
    <header ref={head}>
      <a id="back" class="button" href="#/" aria-label={t('back')}><Icon name="back" /></a>
      <button type="button" class="face" id="room-cover" disabled={!mayChange} title={mayChange ? t('changeCover') : ''} aria-label={t('changeCover')}
        onClick={() => void changeCover(chat)}>
        {room && <Avatar id={room.partner?.id ?? id} name={title} emblem={roomEmblem(room)} square={!isDirect} />}
      </button>
      <div class="head">
        <h1 id="room-title" dir="auto">{room?.partner ? <a href={personPath(room.partner.id)}>{title}</a> : title}{room?.locked && <Icon name="lock" />}</h1>
        <p id="room-about" dir="auto">{room?.partner ? <PartnerState chat={chat} id={room.partner.id} /> : room && about(room)}</p>
      </div>
      {room && !isDirect && <Like chat={chat} room={room} />}
      {room && <CallButton room={id} />}
      {PANELS.map(([name, icon]) => <Toggle key={name} name={name} icon={icon} panel={panel} />)}
      <button type="button" id="people-toggle" aria-controls="people" aria-expanded={showPeople.value}
        onClick={() => { showPeople.value = !showPeople.value; }}>
        <Icon name="people" /><span id="people-toggle-count">{count > 0 ? t('here', { n: count }) : t('people')}</span>
      </button>
      <Menu id="room-menu" label={t('roomMenu')} items={() => menuOf(chat, panel)} />
    </header>
  );
}

function Toggle({ name, icon, panel }: { name: Panel; icon: IconName; panel: Signal<Panel | null> }) {
  const isOpen = panel.value === name;
  const label = t(name);
  return (
    <button type="button" id={`${name}-toggle`} aria-expanded={isOpen} aria-label={label} title={label} onClick={() => { panel.value = isOpen ? null : name; }}>
      <Icon name={icon} />
    </button>
  );
}

const about = (room: RoomInfo): string => [t('members', { n: room.member_count }), room.description].filter(Boolean).join(' · ');

function Like({ chat, room }: { chat: Chat; room: RoomInfo }) {
  const label = t('likeThis');
  return (
    <button type="button" id="like" aria-pressed={room.liked} aria-label={`${label}, ${t('likeCount', { n: room.likes })}`} title={label} onClick={() => void like(chat, room)}>
      <Icon name="heart" />{room.likes > 0 && <span>{number(room.likes)}</span>}
    </button>
  );
}

// Whether the other one is here, online, or when they were last. Asked again when they come or go.
function PartnerState({ chat, id }: { chat: Chat; id: number }) {
  const isHere = chat.people.value.people.has(id);
  useEffect(() => askOnline(id), [id, isHere]);
  const isOnline = isHere || stateOf(id) === 'online';
  const known = online.value.get(id);
  const text = isHere ? t('partnerHere') : isOnline ? t('partnerOnline') : known?.seen ? t('lastSeen', { ago: ago(known.seen) }) : known ? t('partnerOffline') : '';
  return <span class="presence" data-online={isOnline}>{text}</span>;
}

