// SPDX-License-Identifier: MIT
// Finds messages: in all of one's rooms, or in one. The words stand in the address, so that "back" finds them again.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Message } from 'maru-client';
import { fullTime, shortDate, t } from '../i18n';
import { me, rest } from '../maru';
import { profileOf } from '../me/people';
import { gist } from '../chat/gist';
import { mine, roomOf, roomTitle } from '../rooms/rooms';
import { messagePath, replace, route } from '../router';
import { Avatar } from '../ui/avatar';
import { Select } from '../ui/choose';
import { Icon } from '../ui/icon';
import { PagesEnd, usePages } from '../ui/pages';
import { Screen } from '../ui/screen';

const today = (): string => new Date().toISOString().slice(0, 10);
const OPERATORS = ['from:me', 'from:', 'has:file', 'has:link', 'has:poll', `after:${today()}`, `before:${today()}`, '" "'];

const wordsOf = (q: string): string[] => q.replace(/"([^"]*)"|\S+/g, (word, quoted: string | undefined) => quoted ?? (/^(from|in|has|after|before):/.test(word) ? '' : word)).split(/\s+/).filter(Boolean);

/** The text with the words marked; parts of a text, never HTML. */
export function Marked({ text, words }: { text: string; words: string[] }) {
  if (words.length === 0) return <>{text}</>;
  const pattern = new RegExp(`(${words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`, 'gi');
  return <>{text.split(pattern).map((part, i) => (i % 2 === 1 ? <mark key={i}>{part}</mark> : part))}</>;
}

const addressOf = (q: string, room: string): string => `#/search?${new URLSearchParams({ ...q && { q }, ...room && { in: room } })}`;

export default function SearchScreen() {
  const { query } = route.value;
  const [q, room] = [query.get('q') ?? '', query.get('in') ?? ''];
  const input = useRef<HTMLInputElement>(null);
  // Before a key can come: it would be lost.
  useLayoutEffect(() => { if (input.current && input.current.value !== q) input.current.value = q; }, [q]);
  useLayoutEffect(() => input.current?.focus(), []);
  const go = (words: string, where = room) => replace(addressOf(words.trim(), where));
  const add = (operator: string) => {
    const field = input.current!;
    field.value = `${field.value.trim()} ${operator}`.trim();
    field.focus();
    if (operator === '" "') field.setSelectionRange(field.value.length - 2, field.value.length - 1);
    else if (!operator.endsWith(':')) go(field.value);
  };
  return (
    <Screen id="search" title={t('search')}>
      <form role="search" class="search-form" onSubmit={(event) => {
        event.preventDefault();
        go(input.current!.value);
      }}>
        <label class="seek"><span class="sr">{t('searchWords')}</span><Icon name="search" />
          <input ref={input} type="search" name="q" defaultValue={q} placeholder={t('searchWords')} maxLength={200} autocapitalize="none" /></label>
        <Select name="in" label={t('searchWhere')} value={room} onChange={(where) => go(input.current!.value, where)}
          options={[{ value: '', label: t('allMyRooms') }, ...mine.value.rooms.map((one) => ({ value: String(one.id), label: roomTitle(one) }))]} />
        <button class="primary">{t('find')}</button>
      </form>
      <p class="operators"><span class="about">{t('searchHelp')}</span> {OPERATORS.map((one) => <button key={one} type="button" class="chip-button" onClick={() => add(one)}><code>{one}</code></button>)}</p>
      {q ? <Results key={`${room}:${q}`} q={q} room={room} /> : <div class="empty">{t('searchEmpty')}</div>}
    </Screen>
  );
}

function Results({ q, room }: { q: string; room: string }) {
  const pages = usePages<Message>(async (cursor) => {
    const { messages, next } = await rest.get('/v1/search', { q, ...room && { room: Number(room) }, ...cursor && { cursor }, limit: 30 });
    return { items: messages as Message[], next };
  });
  const [words] = useState(() => wordsOf(q));
  return (
    <>
      <ul class="rows" id="found" aria-label={t('found')}>{pages.items.map((message) => <Found key={`${message.room}:${message.seq}`} message={message} words={words} />)}</ul>
      <PagesEnd pages={pages} empty={t('nothingFound')} />
    </>
  );
}

function Found({ message, words }: { message: Message; words: string[] }) {
  const by = profileOf(message.sender).value;
  const isMine = message.sender === me.value?.id;
  const name = by?.nickname ?? (isMine ? me.value!.nickname : '…');
  const room = roomOf(message.room);
  const date = new Date(message.created_at);
  return (
    <li class="row-item">
      <a href={messagePath(message.room, message.seq)}>
        <Avatar id={message.sender} name={name} emblem={by?.avatar} />
        <span class="text">
          <span class="title"><bdi>{name}</bdi><span class="where" dir="auto">{room ? roomTitle(room) : ''}</span></span>
          <span class="found-text" dir="auto"><Marked text={gist(message)} words={words} /></span>
        </span>
        <span class="waits"><time dateTime={message.created_at} title={fullTime(date)}>{shortDate(date)}</time></span>
      </a>
    </li>
  );
}
