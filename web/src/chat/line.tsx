// SPDX-License-Identifier: MIT
// One line of a conversation: a message, a message on its way, something that happened.
import type { FileInfo, Outbox, OutboxItem, Problem, StreamEvent } from 'maru-client';
import { dayName, t } from '../i18n';
import { problemText } from '../problem';
import { Files } from './files';
import { MessageLine } from './message';
import { Quote } from './quote';
import type { Row } from './rows';

export function LineView({ row, numbers }: { row: Row; numbers: number }) {
  const { line: { message, event }, day, fresh, again } = row;
  if (event) return <Notice event={event} />;
  if (!message) return null;
  return (
    <>
      {day && <div class="day"><span>{dayName(new Date(message.created_at))}</span></div>}
      {fresh && <div class="fresh" role="separator"><span>{t('unreadLine')}</span></div>}
      <MessageLine message={message} again={again} place="room" numbers={numbers} />
    </>
  );
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
          <div class={item.body.reply_to ? 'content answers' : 'content'}>{item.body.reply_to && <Quote seq={item.body.reply_to} />}{files.length > 0 && <Files files={files} />}{item.body.body && <div class="body" dir="auto">{item.body.body}</div>}</div>
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
