// SPDX-License-Identifier: MIT
// One line of a conversation: a message, a message on its way, something that happened.
import { memo } from './memo';
import type { FileInfo, Message, Outbox, OutboxItem, Problem, Room, StreamEvent } from 'maru-client';
import { clockTime, dayName, fullTime, language, t } from '../i18n';
import { me } from '../maru';
import { problemText } from '../problem';
import { Avatar } from '../ui/avatar';
import type { Row } from './conversation';
import { Files } from './files';
import { openGallery } from './gallery';
import { Body } from './body';

function Time({ at }: { at: string | number }) {
  const date = new Date(at);
  return <time dateTime={date.toISOString()} title={fullTime(date)}>{clockTime(date)}</time>;
}

export function LineView({ row, room, numbers }: { row: Row; room: Room; numbers: number }) {
  const { line: { message, event }, day, again } = row;
  if (event) return <Notice event={event} />;
  if (!message) return null;
  return (
    <>
      {day && <div class="day"><span>{dayName(new Date(message.created_at))}</span></div>}
      <MessageView message={message} again={again} name={room.names.of(message.sender)} emblem={room.names.avatarOf(message.sender)}
        unread={numbers >= 0 && !message.hidden ? room.readers.unread(message) : 0} lang={language.value} />
    </>
  );
}

interface MessageProps { message: Message; again: boolean; name: string; emblem: string; unread: number; lang: string }

const MessageView = memo(({ message, again, name, emblem, unread }: MessageProps) => {
  const mine = message.sender === me.value?.id;
  return (
    <div class={`message ${mine ? 'mine' : 'theirs'} ${again ? 'again' : 'first'}`} data-seq={message.seq} data-sender={message.sender}>
      {!mine && !again && <Avatar id={message.sender} name={name} emblem={emblem} />}
      <div class="box" onClick={openGallery}>
        {!again && <span class={mine ? 'who sr' : 'who'} dir="auto">{mine ? t('you') : name}</span>}
        <div class="row">
          <Content message={message} />
          {unread > 0 && <span class="unread" title={t('unreadBy', { n: unread })}>{unread}</span>}
          <Time at={message.created_at} />
        </div>
      </div>
    </div>
  );
});

// What is said; what stands in place of a message that is gone, or of somebody whom one blocks.
function Content({ message }: { message: Message }) {
  if (message.hidden || message.deleted_at) return <div class="body gone">{t(message.hidden ? 'messageHidden' : 'messageDeleted')}</div>;
  const files = message.content?.attachments ?? [];
  if (files.length === 0) return <Body message={message} />;
  return <div class="content"><Files files={files} />{message.body && <Body message={message} />}</div>;
}

// ---- what happened

function noticeText({ type, data }: StreamEvent): string {
  const name = String(data.nickname ?? `#${data.id}`);
  switch (type) {
    case 'member.joined': return t('memberJoined', { name });
    case 'member.left': return t('memberLeft', { name });
    case 'member.kicked': return t('memberKicked', { name });
    case 'member.banned': return t('memberBanned', { name });
    case 'member.unbanned': return t('memberUnbanned', { name });
    case 'room.updated': return t('roomUpdated', { title: String(data.title) });
    case 'room.deleted': return t('roomDeleted');
    default: return '';
  }
}

function Notice({ event }: { event: StreamEvent }) {
  const text = noticeText(event);
  return text ? <div class="notice" data-seq={event.seq}><span dir="auto">{text}</span></div> : null;
}

// ---- what is not confirmed yet

// A file that was not sent for an hour is gone.
function whyNot(problem: Problem | null): string {
  return problem?.fields.some(({ field }) => field === 'attachments') ? t('filesGone') : problemText(problem);
}

export function PendingView({ item, outbox }: { item: OutboxItem; outbox: Outbox }) {
  const retry = (label: string) => <button type="button" class="small" onClick={() => outbox.retry(item.id)}>{label}</button>;
  const files = (item.extra as { files?: FileInfo[] } | undefined)?.files ?? [];
  return (
    <li class={`message mine again pending ${item.state}`} data-id={item.id}>
      <div class="box">
        <div class="row">
          <div class="content">{files.length > 0 && <Files files={files} />}{item.body.body && <div class="body" dir="auto">{item.body.body}</div>}</div>
        </div>
        <span class="status" role={item.state === 'failed' ? 'alert' : undefined}>
          {item.state === 'sending' && t('sending')}
          {item.state === 'waiting' && <>{t('waiting')}{retry(t('tryNow'))}</>}
          {item.state === 'failed' && <>{t('failed', { why: whyNot(item.problem) })}{retry(t('tryAgain'))}
            <button type="button" class="small" onClick={() => outbox.discard(item.id)}>{t('discard')}</button></>}
        </span>
      </div>
    </li>
  );
}
