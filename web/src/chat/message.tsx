// SPDX-License-Identifier: MIT
// One message: who said it and when, what it says, what people think of it.
import { useState } from 'preact/hooks';
import { useComputed } from '@preact/signals';
import type { Message } from 'maru-client';
import { clockTime, fullTime, language, t } from '../i18n';
import { Avatar } from '../ui/avatar';
import { Icon } from '../ui/icon';
import { Bar } from './bar';
import { Body } from './body';
import { Edit } from './edit';
import { Files } from './files';
import { openGallery } from './gallery';
import { Previews, Roll, Sticker } from './kinds';
import { memo } from './memo';
import { Poll } from './poll';
import { gist } from './gist';
import { Quote } from './quote';
import { Reactions } from './reactions';
import { isMine, isThere } from './rights';
import { useTalk, type Place } from './talk';

/** numbers: goes up when names or readers are different; -1 for no numbers of readers. */
export function MessageLine({ message, again, place, numbers }: { message: Message; again: boolean; place: Place; numbers: number }) {
  const { room } = useTalk();
  return <MessageView message={message} again={again} place={place} name={room.names.of(message.sender)} emblem={room.names.avatarOf(message.sender)} guest={room.names.isGuest(message.sender)}
    unread={numbers >= 0 && !message.hidden ? room.readers.unread(message) : 0} lang={language.value} />;
}

interface MessageProps { message: Message; again: boolean; place: Place; name: string; emblem: string; guest: boolean; unread: number; lang: string }

const MessageView = memo(({ message, again, place, name, emblem, guest, unread }: MessageProps) => {
  const talk = useTalk();
  const { seq, sender, content = {} } = message;
  const [near, setNear] = useState(false);
  const editing = useComputed(() => talk.editing.value?.seq === seq && talk.editing.value.place === place);
  const flashing = useComputed(() => talk.flashing.value === seq);
  const imported = content.imported?.name;
  const mine = isMine(message) && !imported;
  const who = imported ?? (mine ? t('you') : name);
  return (
    <div class={`message ${mine ? 'mine' : 'theirs'} ${again ? 'again' : 'first'}${flashing.value ? ' flash' : ''}`} data-seq={seq} data-sender={sender}
      onPointerEnter={({ pointerType }) => { if (pointerType !== 'touch') setNear(true); }}>
      {!mine && !again && <Avatar id={sender} name={who} emblem={imported ? '' : emblem} />}
      <div class="box" onClick={openGallery}>
        {!again && <span class={mine ? 'who sr' : 'who'} dir="auto">{who}{imported && <span class="tag">{t('imported')}</span>}{guest && !mine && <span class="tag">{t('guest')}</span>}</span>}
        {content.forwarded && isThere(message) && <span class="forwarded"><Icon name="forward" />{t('forwardedMark')}</span>}
        <div class="row">
          <div class={message.reply_to && isThere(message) ? 'content answers' : 'content'}>
            <Content message={message} place={place} editing={editing.value} />
            {isThere(message) && !editing.value && <Bar message={message} place={place} near={near} about={`${who}: ${gist(message)}`.slice(0, 80)} />}
          </div>
          <span class="meta">
            {unread > 0 && <span class="unread" title={t('unreadBy', { n: unread })}>{unread}</span>}
            {message.edited_at && isThere(message) && <span class="edited" title={fullTime(new Date(message.edited_at))}>{t('messageEdited')}</span>}
            <Time at={message.created_at} />
          </span>
        </div>
        <Reactions message={message} />
        {place === 'room' && message.replies && <Replies message={message} />}
      </div>
    </div>
  );
});

export function Time({ at }: { at: string | number }) {
  const date = new Date(at);
  return <time dateTime={date.toISOString()} title={fullTime(date)}>{clockTime(date)}</time>;
}

// What is said; what stands in place of a message that is gone, or of somebody whom one blocks.
function Content({ message, place, editing }: { message: Message; place: Place; editing: boolean }) {
  if (!isThere(message)) return <div class="body gone">{t(message.hidden ? 'messageHidden' : 'messageDeleted')}</div>;
  const { attachments = [], sticker, poll, roll } = message.content ?? {};
  const isCard = sticker ?? poll ?? roll;
  return (
    <>
      {message.reply_to !== undefined && <Quote seq={message.reply_to} />}
      {attachments.length > 0 && <Files files={attachments} />}
      {sticker && <Sticker sticker={sticker} />}
      {poll && <Poll message={message} />}
      {roll && <Roll roll={roll} />}
      {editing ? <Edit message={message} place={place} /> : !isCard && message.body && <Body message={message} />}
      {message.previews && <Previews message={message} />}
    </>
  );
}

function Replies({ message: { seq, replies } }: { message: Message }) {
  const talk = useTalk();
  const open = useComputed(() => talk.thread.value === seq);
  return (
    <button type="button" class="replies" aria-expanded={open.value} onClick={() => talk.openThread(seq)}>
      <Icon name="thread" /><span>{t('replies', { n: replies?.count ?? 0 })}</span>
    </button>
  );
}
