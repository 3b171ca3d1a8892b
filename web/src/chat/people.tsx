// SPDX-License-Identifier: MIT
// Who is in the open room: right now, by its presence channel, or at all, by its list of members.
import { useSignal, type Signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { language, number, t } from '../i18n';
import { me } from '../maru';
import { stateOf } from '../me/people';
import { problemText } from '../problem';
import { Menu } from '../room/menu';
import { personMenu, type Person } from '../room/person';
import { Avatar } from '../ui/avatar';
import { Icon } from '../ui/icon';
import { fit } from './hangul';
import { roleOf, type Chat } from './state';

const SHOWN = 200;
type Tab = 'here' | 'all';

export function People({ chat, show }: { chat: Chat; show: Signal<boolean> }) {
  const tab = useSignal<Tab>('here');
  const panel = useRef<HTMLElement>(null);
  const open = show.value;
  // Over the conversation the panel takes the focus, and gives it back.
  useLayoutEffect(() => {
    if (!open) return undefined;
    const before = document.activeElement as HTMLElement | null;
    panel.current?.querySelector<HTMLElement>('[role=tab][aria-selected=true]')?.focus();
    return () => before?.focus();
  }, [open]);
  return (
    <aside id="people" ref={panel} class={open ? 'open' : ''} aria-label={t('inRoom')}
      onKeyDown={({ key }) => { if (key === 'Escape') show.value = false; }}>
      <Tabs chat={chat} tab={tab} close={() => { show.value = false; }} />
      {tab.value === 'here' ? <Here chat={chat} /> : <All chat={chat} />}
    </aside>
  );
}

function Tabs({ chat, tab, close }: { chat: Chat; tab: Signal<Tab>; close: () => void }) {
  const turn = ({ key }: KeyboardEvent) => {
    if (key !== 'ArrowLeft' && key !== 'ArrowRight') return;
    tab.value = tab.value === 'here' ? 'all' : 'here';
    document.getElementById(`people-${tab.value}`)?.focus();
  };
  const button = (name: Tab, label: string, count: number | undefined) => (
    <button type="button" role="tab" id={`people-${name}`} aria-controls="people-panel" aria-selected={tab.value === name}
      tabIndex={tab.value === name ? 0 : -1} onClick={() => { tab.value = name; }}>{label}{count ? <small>{number(count)}</small> : null}</button>
  );
  return (
    <header>
      <div role="tablist" class="tabs" aria-label={t('inRoom')} onKeyDown={turn}>
        {button('here', t('people'), chat.people.value.count)}{button('all', t('allMembers'), chat.info.value?.member_count)}
      </div>
      <button type="button" class="small bare close" aria-label={t('close')} title={t('close')} onClick={close}><Icon name="close" /></button>
    </header>
  );
}

function byName(a: Person, b: Person): number {
  const mine = me.value?.id;
  return Number(b.id === mine) - Number(a.id === mine) || a.nickname.localeCompare(b.nickname, language.value);
}

function Here({ chat }: { chat: Chat }) {
  const { people, count } = chat.people.value;
  const { names } = chat.room;
  const members = chat.members.list.value;
  const rows = chat.named.value >= 0 ? [...people].map(([id, { name = '' }]): Person => ({ name, avatar: names.avatarOf(id), ...members.get(id), id, nickname: names.of(id) })).sort(byName).slice(0, SHOWN) : [];
  const more = count - rows.length;
  return (
    <div id="people-panel" role="tabpanel" aria-labelledby="people-here">
      <ul id="people-list">
        {rows.map((person) => <Row key={person.id} chat={chat} person={person} />)}
        {more > 0 && <li class="rest">{t('morePeople', { n: number(more) })}</li>}
      </ul>
    </div>
  );
}

const ORDER = { host: 0, moderator: 1, member: 2 };

function All({ chat }: { chat: Chat }) {
  const query = useSignal('');
  const problem = useSignal<unknown>(null);
  const { members } = chat;
  const words = query.value.trim();
  const order = ({ id }: Person) => ORDER[roleOf(chat, id)];
  const rows = [...members.list.value.values()].filter(({ nickname, name }) => !words || fit(words, nickname) >= 0 || fit(words, name) >= 0)
    .sort((a, b) => order(a) - order(b) || byName(a, b)).slice(0, SHOWN);
  const here = chat.people.value.people;
  const load = (work: () => Promise<void>) => {
    problem.value = null;
    work().catch((why) => { problem.value = why; });
  };
  return (
    <div id="people-panel" role="tabpanel" aria-labelledby="people-all">
      <input type="search" aria-label={t('searchMembers')} placeholder={t('searchMembers')} value={query.value} onInput={({ currentTarget }) => {
        query.value = currentTarget.value;
        load(() => members.all());
      }} />
      {problem.value !== null && <p class="error" role="alert">{problemText(problem.value)}</p>}
      <ul id="members-list">{rows.map((person) => <Row key={person.id} chat={chat} person={person} online={here.has(person.id) || stateOf(person.id) === 'online'} />)}</ul>
      {rows.length === 0 && words && <p class="empty">{t('noMemberFound')}</p>}
      {members.hasMore.value && !words && <button type="button" class="more" onClick={() => load(() => members.more())}>{t('more')}</button>}
    </div>
  );
}

const MARKS = { host: ['crown', 'roleHost'], moderator: ['shield', 'roleModerator'] } as const;

function Row({ chat, person, online }: { chat: Chat; person: Person; online?: boolean }) {
  const { id, nickname, avatar, bot, guest, muted_until: muted } = person;
  const role = roleOf(chat, id);
  const mark = role === 'member' ? null : MARKS[role];
  return (
    <li data-user={id}>
      <span class="face"><Avatar id={id} name={nickname} emblem={avatar} />{online && <span class="online" role="img" aria-label={t('partnerOnline')} title={t('partnerOnline')} />}</span>
      <span class="name" dir="auto">{nickname}</span>
      {mark && <span class={`mark ${role}`} role="img" aria-label={t(mark[1])} title={t(mark[1])}><Icon name={mark[0]} /></span>}
      {muted && new Date(muted).getTime() > Date.now() && <span class="mark" role="img" aria-label={t('isMuted')} title={t('isMuted')}><Icon name="muted" /></span>}
      {bot && <span class="tag">{t('roomBot')}</span>}
      {guest && <span class="tag">{t('guest')}</span>}
      {id === me.value?.id ? <span class="tag">{t('you')}</span> : <Menu class="small person-menu" label={t('personMenu', { name: nickname })} items={() => personMenu(chat, person)} />}
    </li>
  );
}
