// SPDX-License-Identifier: MIT
// The notifications: who mentioned one, who answered, and who called in vain.
import { useEffect, useState } from 'preact/hooks';
import type { components, Message } from 'maru-client';
import { fullTime, shortDate, clockTime, dayKey, t } from '../i18n';
import { rest } from '../maru';
import { profileOf } from '../me/people';
import { messagePath, roomPath } from '../router';
import { gist } from '../chat/gist';
import { roomOf, roomTitle } from '../rooms/rooms';
import { Avatar } from '../ui/avatar';
import { Choices } from '../ui/choose';
import { PagesEnd, Trouble, useAttempt, usePages } from '../ui/pages';
import { Screen } from '../ui/screen';
import { news, newsChanged, recountNews } from './state';

type Entry = components['schemas']['NotificationFields'] & { about?: Message | undefined };
type Kind = 'all' | 'unread' | Entry['kind'];

async function load(kind: Kind, cursor?: string) {
  const page = await rest.get('/v1/notifications', {
    ...kind === 'unread' ? { unread: 1 } : kind !== 'all' && { kind }, ...cursor && { cursor }, limit: 30,
  });
  news.value = page.unread;
  const messages = page.messages as Message[];
  const items: Entry[] = page.notifications.map((one) => ({ ...one, about: messages.find(({ room, seq }) => room === one.room && seq === one.message) }));
  return { items, next: page.next };
}

export default function NotificationsScreen() {
  const [kind, setKind] = useState<Kind>('all');
  const pages = usePages((cursor) => load(kind, cursor), kind);
  const [problem, attempt] = useAttempt();
  const changed = newsChanged.value;
  useEffect(() => { if (pages.loaded) pages.reload(); }, [changed]);
  const readAll = () => attempt(async () => {
    await rest.put('/v1/notifications/read', {});
    recountNews();
    pages.reload();
  });
  const read = (entry: Entry) => {
    if (!entry.unread) return;
    pages.set((items) => items.map((one) => (one.id === entry.id ? { ...one, unread: false } : one)));
    rest.put('/v1/notifications/{notification}/read', { notification: entry.id }).then(recountNews, () => {});
  };
  return (
    <Screen id="notifications" title={t('news')} actions={<button type="button" disabled={news.value === 0} onClick={() => void readAll()}>{t('readAll')}</button>}>
      <Choices name="news-kind" label={t('show')} value={kind} onChange={(value) => setKind(value as Kind)}
        options={[{ value: 'all', label: t('newsAll') }, { value: 'unread', label: t('newsUnread') }, { value: 'mention', label: t('newsMentions') }, { value: 'reply', label: t('newsReplies') }, { value: 'call', label: t('newsCalls') }]} />
      <Trouble text={problem} />
      <ul class="rows" aria-label={t('news')}>{pages.items.map((entry) => <Row key={entry.id} entry={entry} read={() => read(entry)} />)}</ul>
      <PagesEnd pages={pages} empty={t('noNews')} />
    </Screen>
  );
}

const TITLES = { mention: 'toastMention', reply: 'toastReply', call: 'toastCall' } as const;

function Row({ entry, read }: { entry: Entry; read: () => void }) {
  const by = profileOf(entry.by_user).value;
  const name = by?.nickname ?? '…';
  const room = roomOf(entry.room);
  const date = new Date(entry.created_at);
  return (
    <li class={entry.unread ? 'row-item unread' : 'row-item'}>
      <a href={entry.message ? messagePath(entry.room, entry.message) : roomPath(entry.room)} onClick={read}>
        <Avatar id={entry.by_user} name={name} emblem={by?.avatar} />
        <span class="text">
          <span class="title">{t(TITLES[entry.kind], { name, room: room ? roomTitle(room) : '' })}</span>
          {entry.about && <span class="about" dir="auto">{gist(entry.about)}</span>}
          {entry.kind === 'call' && room && !room.partner && <span class="about" dir="auto">{roomTitle(room)}</span>}
        </span>
        <span class="waits">
          <time dateTime={entry.created_at} title={fullTime(date)}>{dayKey(date) === dayKey(new Date()) ? clockTime(date) : shortDate(date)}</time>
          {entry.unread && <span class="dot"><span class="sr">{t('newsUnread')}</span></span>}
        </span>
      </a>
    </li>
  );
}
