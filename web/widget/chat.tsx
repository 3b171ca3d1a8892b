// SPDX-License-Identifier: MIT
// The chat of the widget: the last messages, what is on its way, a field. No more: the page has the rest.
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { MaruClient, Message, OutboxItem, Room } from 'maru-client';
import { language, t } from './texts';

const NEAR = 60; // pixels from the end that count as being there

// Draws again whenever the room looks different.
function useRoom(room: Room): void {
  const [, setVersion] = useState(0);
  useLayoutEffect(() => { // before the first answer can come
    const draw = () => setVersion((n) => n + 1);
    const offs = [room.on('changed', draw), room.on('reset', draw), room.on('outbox', draw), room.on('readers', draw), room.names.on('named', draw)];
    return () => offs.forEach((off) => off());
  }, [room]);
}

export function Chat({ maru, room: id, onNew, lost }: { maru: MaruClient; room: number; onNew: (n: number) => void; lost: () => void }) {
  const room = useMemo(() => maru.room(id), [id]);
  const [state, setState] = useState(maru.state);
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useRoom(room);
  useLayoutEffect(() => {
    onNew(0);
    const offs = [maru.on('state', setState), room.on('lost', lost)];
    return () => {
      offs.forEach((off) => off());
      room.close();
    };
  }, []);
  const messages = room.timeline.lines.flatMap(({ message }) => (message && message.thread === undefined ? [message] : []));
  useLayoutEffect(() => {
    if (!atEnd.current || !box.current) return;
    box.current.scrollTop = box.current.scrollHeight;
    if (room.head > 0 && !document.hidden) room.read(room.head);
  });
  const scrolled = ({ currentTarget: { scrollHeight, scrollTop, clientHeight } }: { currentTarget: HTMLDivElement }) => {
    atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR;
  };
  return (
    <>
      {state === 'waiting' && <p class="offline" role="status">{t('offline')}</p>}
      <div class="messages" ref={box} tabIndex={0} role="log" aria-label={t('chat')} onScroll={scrolled}>
        {room.hasOlder && messages.length > 0 && <button type="button" class="plain" onClick={() => { room.older().catch(() => {}); }}>{t('older')}</button>}
        {messages.map((message) => <Line key={message.seq} message={message} room={room} mine={message.sender === maru.me?.id} />)}
        {room.outbox.items.map((item) => <Pending key={item.id} item={item} room={room} />)}
      </div>
      <Composer send={(body) => {
        atEnd.current = true;
        room.send(body);
      }} />
    </>
  );
}

function textOf(message: Message): string {
  if (message.hidden) return t('hidden');
  if (message.deleted_at) return t('deleted');
  const files = message.content?.attachments?.length ?? 0;
  return [message.body, files > 0 ? t('file', files) : ''].filter(Boolean).join('\n');
}

function Line({ message, room, mine }: { message: Message; room: Room; mine: boolean }) {
  const at = new Date(message.created_at);
  const unread = message.hidden ? 0 : room.readers.unread(message);
  return (
    <div class={mine ? 'line mine' : 'line'}>
      <small><bdi>{mine ? t('you') : room.names.of(message.sender)}</bdi> <time dateTime={message.created_at}>{at.toLocaleTimeString(language, { hour: 'numeric', minute: '2-digit' })}</time>
        {unread > 0 && <span class="unread">{unread}</span>}</small>
      <p class={message.deleted_at || message.hidden ? 'body gone' : 'body'} dir="auto">{textOf(message)}</p>
    </div>
  );
}

function Pending({ item, room }: { item: OutboxItem; room: Room }) {
  return (
    <div class="line mine pending">
      <p class="body" dir="auto">{item.body.body}</p>
      {item.state === 'waiting' && <small role="status">{t('waiting')}</small>}
      {item.state === 'failed' && (
        <small role="alert">{t('failed')} <button type="button" class="plain" onClick={() => room.outbox.retry(item.id)}>{t('again')}</button>
          <button type="button" class="plain" onClick={() => room.outbox.discard(item.id)}>{t('discard')}</button></small>
      )}
    </div>
  );
}

function Composer({ send }: { send: (body: string) => void }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const submit = (event: Event) => {
    event.preventDefault();
    const text = field.current!.value.trim();
    if (text) send(text);
    field.current!.value = '';
  };
  // 229: Safari reports the end of a composition before the key that ended it.
  const key = (event: KeyboardEvent) => {
    event.stopPropagation(); // the shortcuts of the page around are not meant
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.keyCode !== 229) submit(event);
  };
  return (
    <form class="composer" onSubmit={submit}>
      <textarea ref={field} rows={1} maxLength={4000} dir="auto" aria-label={t('write')} placeholder={t('write')} onKeyDown={key} />
      <button class="primary">{t('send')}</button>
    </form>
  );
}
