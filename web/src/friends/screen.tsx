// SPDX-License-Identifier: MIT
// Friends, close ones first; requests in both directions; blocks. Everything live.
import { useEffect, useState } from 'preact/hooks';
import { ago, t } from '../i18n';
import { me, rest } from '../maru';
import { online, stateOf, watchOnline, type Profile } from '../me/people';
import { personPath } from '../router';
import { Avatar } from '../ui/avatar';
import { Alert, Field, Form, valueOf } from '../ui/form';
import { Icon } from '../ui/icon';
import { Trouble, useAttempt } from '../ui/pages';
import { Part, Screen } from '../ui/screen';
import { befriend, favor, friendsChanged, unblock, unfriend, writeTo, type Block, type Friend } from './state';

interface Lists { friends: Friend[]; received: Friend[]; sent: Friend[]; blocks: Block[] }

// All pages of a list, a thousand people at most.
async function every<Item>(read: (cursor?: string) => Promise<{ items: Item[]; next: number | null }>): Promise<Item[]> {
  const all: Item[] = [];
  let cursor: string | undefined;
  do {
    const { items, next } = await read(cursor);
    all.push(...items);
    cursor = next === null ? undefined : String(next);
  } while (cursor !== undefined && all.length < 1000);
  return all;
}

const friendsIn = (state: 'friend' | 'received' | 'sent') => every(async (cursor) => {
  const { friends, next } = await rest.get('/v1/friends', { state, limit: 100, ...cursor && { cursor } });
  return { items: friends, next };
});
const blocked = () => every(async (cursor) => {
  const { blocks, next } = await rest.get('/v1/blocks', { limit: 100, ...cursor && { cursor } });
  return { items: blocks, next };
});

export const shownName = ({ alias, nickname }: Pick<Friend, 'nickname'> & { alias?: string }): string => alias || nickname;

export default function FriendsScreen() {
  const [lists, setLists] = useState<Lists | null>(null);
  const [problem, attempt] = useAttempt();
  const changed = friendsChanged.value;
  useEffect(watchOnline, []);
  useEffect(() => {
    let current = true;
    void attempt(async () => {
      const [friends, received, sent, blocks] = await Promise.all([friendsIn('friend'), friendsIn('received'), friendsIn('sent'), blocked()]);
      if (current) setLists({ friends, received, sent, blocks });
    });
    return () => { current = false; };
  }, [changed]);
  const sorted = (lists?.friends ?? []).sort((a, b) => Number(b.favorite) - Number(a.favorite) || Number(stateOf(b.id) === 'online') - Number(stateOf(a.id) === 'online') || shownName(a).localeCompare(shownName(b)));
  const close = sorted.filter(({ favorite }) => favorite);
  const others = sorted.filter(({ favorite }) => !favorite);
  const row = (friend: Friend) => <FriendRow key={friend.id} friend={friend} attempt={attempt} />;
  return (
    <Screen id="friends" title={t('friends')}>
      <Trouble text={problem} />
      <Add />
      {lists && lists.received.length > 0 && <Part title={t('requestsIn')}><ul class="rows">{lists.received.map((one) => <Received key={one.id} friend={one} attempt={attempt} />)}</ul></Part>}
      {close.length > 0 && <Part title={t('closeFriends')}><ul class="rows" id="close-friends">{close.map(row)}</ul></Part>}
      <Part title={t('friends')}>
        <ul class="rows" id="friends-list">{others.map(row)}</ul>
        {lists && sorted.length === 0 && <p class="empty">{t('noFriends')}</p>}
        {!lists && !problem && <p class="empty" role="status">{t('loading')}</p>}
      </Part>
      {lists && lists.sent.length > 0 && <Part title={t('requestsOut')}><ul class="rows">{lists.sent.map((one) => <Sent key={one.id} friend={one} attempt={attempt} />)}</ul></Part>}
      {lists && lists.blocks.length > 0 && <Part title={t('blocked')} about={t('blockedAbout')}><ul class="rows">{lists.blocks.map((one) => <Blocked key={one.id} block={one} attempt={attempt} />)}</ul></Part>}
    </Screen>
  );
}

type Attempt = (work: () => Promise<unknown>) => Promise<void>;
const done = (work: Promise<unknown>) => work.then(() => { friendsChanged.value++; });

export function Face({ id, name, emblem, about, state }: { id: number; name: string; emblem: string; about: string; state?: string | undefined }) {
  return (
    <a class="who-is" href={personPath(id)}>
      <Avatar id={id} name={name} emblem={emblem} state={state} />
      <span class="text"><span class="title"><bdi>{name}</bdi></span><span class="about" dir="auto">{state && <span class="sr">{t('online')}. </span>}{about}</span></span>
    </a>
  );
}

function FriendRow({ friend, attempt }: { friend: Friend; attempt: Attempt }) {
  const { id, favorite } = friend;
  const name = shownName(friend);
  const state = stateOf(id);
  const seen = online.value.get(id)?.seen;
  const star = t(favorite ? 'unfavor' : 'favor', { name });
  return (
    <li class="row-item" data-user={id}>
      <Face id={id} name={name} emblem={friend.avatar} state={state} about={friend.status_message || (state ? t('online') : seen ? t('seenAt', { when: ago(seen) }) : `@${friend.name}`)} />
      <button type="button" class="square star" aria-pressed={favorite} aria-label={star} title={star} onClick={() => void attempt(() => done(favor(id, !favorite)))}><Icon name="star" /></button>
      <button type="button" class="small" aria-label={t('writeTo', { name })} onClick={() => void attempt(() => writeTo(id))}><Icon name="thread" /><span class="label">{t('chat')}</span></button>
    </li>
  );
}

function Received({ friend, attempt }: { friend: Friend; attempt: Attempt }) {
  const name = friend.nickname;
  return (
    <li class="row-item" data-user={friend.id}>
      <Face id={friend.id} name={name} emblem={friend.avatar} about={`@${friend.name}`} />
      <button type="button" class="small" aria-label={t('declineOf', { name })} onClick={() => void attempt(() => done(unfriend(friend.id)))}>{t('decline')}</button>
      <button type="button" class="small primary" aria-label={t('acceptOf', { name })} onClick={() => void attempt(() => done(befriend(friend.id)))}>{t('accept')}</button>
    </li>
  );
}

function Sent({ friend, attempt }: { friend: Friend; attempt: Attempt }) {
  return (
    <li class="row-item" data-user={friend.id}>
      <Face id={friend.id} name={friend.nickname} emblem={friend.avatar} about={`@${friend.name}`} />
      <button type="button" class="small" aria-label={t('takeBackOf', { name: friend.nickname })} onClick={() => void attempt(() => done(unfriend(friend.id)))}>{t('takeBack')}</button>
    </li>
  );
}

function Blocked({ block, attempt }: { block: Block; attempt: Attempt }) {
  return (
    <li class="row-item" data-user={block.id}>
      <Face id={block.id} name={block.nickname} emblem={block.avatar} about={`@${block.name}`} />
      <button type="button" class="small" aria-label={t('unblockOf', { name: block.nickname })} onClick={() => void attempt(() => done(unblock(block.id)))}>{t('unblock')}</button>
    </li>
  );
}

// By login name, or by a part of the nickname.
function Add() {
  const [found, setFound] = useState<Profile[] | null>(null);
  const [asked, setAsked] = useState<number[]>([]);
  const [problem, attempt] = useAttempt();
  const submit = async (form: HTMLFormElement) => {
    const q = valueOf(form, 'q').trim().replace(/^@/, '');
    setFound(null);
    if (q) setFound((await rest.get('/v1/users', { q, limit: 20 })).users.filter(({ id, bot }) => id !== me.peek()?.id && !bot));
  };
  const add = (id: number) => attempt(async () => {
    await done(befriend(id));
    setAsked((before) => [...before, id]);
  });
  return (
    <Part title={t('addFriend')}>
      <Form class="inline" role="search" submit={submit}>
        <Field name="q" label={t('addFriendField')} hint={t('addFriendHint')} type="search" maxLength={60} autocapitalize="none" spellcheck={false} />
        <button class="primary">{t('find')}</button>
        <Alert />
      </Form>
      <Trouble text={problem} />
      {found && <ul class="rows" id="found-people">{found.map(({ id, name, nickname, avatar }) => (
        <li key={id} class="row-item" data-user={id}>
          <Face id={id} name={nickname} emblem={avatar} about={`@${name}`} />
          {asked.includes(id) ? <span class="tag" role="status">{t('asked')}</span>
            : <button type="button" class="small primary" aria-label={t('befriendOf', { name: nickname })} onClick={() => void add(id)}>{t('befriend')}</button>}
        </li>
      ))}</ul>}
      {found?.length === 0 && <p class="empty">{t('nobodyFound')}</p>}
    </Part>
  );
}
