// SPDX-License-Identifier: MIT
// Above the field: which message one is answering.
import { useEffect, useLayoutEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { Message, Room } from 'maru-client';
import { t } from '../i18n';
import { me, rest } from '../maru';
import { Icon } from '../ui/icon';
import type { Draft } from './draft';
import { gist } from './gist';

export function ReplyChip({ draft, room }: { draft: Draft; room: Room }) {
  const seq = draft.more.value.reply_to;
  const message = useSignal<Message | null>(null);
  useEffect(() => {
    message.value = seq === undefined ? null : room.timeline.get(seq) ?? null;
    if (seq !== undefined && !message.value) {
      rest.get('/v1/rooms/{room}/messages/{message}', { room: room.id, message: seq }).then((found) => { message.value = found as Message; }, () => {});
    }
  }, [seq]);
  const cancel = () => {
    const { reply_to: _, ...rest } = draft.more.value;
    draft.more.value = rest;
    document.getElementById('text')?.focus();
  };
  useEscape(seq !== undefined, cancel);
  if (seq === undefined) return null;
  const isOwn = message.value?.sender === me.value?.id;
  const name = message.value ? room.names.of(message.value.sender) : '';
  return (
    <div id="reply-chip">
      <Icon name="reply" />
      <p class="text"><span class="author" dir="auto">{isOwn ? t('replyingToMe') : t('replyingTo', { name })}</span><span class="gist" dir="auto">{message.value ? gist(message.value) : '…'}</span></p>
      <button type="button" id="reply-cancel" aria-label={t('replyCancel')} title={t('replyCancel')} onClick={cancel}><Icon name="close" /></button>
    </div>
  );
}

// Escape in the chip, and in the field unless something else was closed by it.
function useEscape(active: boolean, act: () => void): void {
  useLayoutEffect(() => { // before a key can come
    const room = document.getElementById('room')!;
    const escape = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented && !event.isComposing && (event.target as Element).closest('#reply-chip, #text')) act();
    };
    if (active) room.addEventListener('keydown', escape);
    return () => room.removeEventListener('keydown', escape);
  }, [active]);
}
