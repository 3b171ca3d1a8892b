// SPDX-License-Identifier: MIT
// A message in a few words, where another one answers it.
import type { Message } from 'maru-client';
import { t } from '../i18n';
import { me } from '../maru';
import { gist } from './gist';
import { useTalk, type Talk } from './talk';

export const authorOf = (talk: Talk, message: Message): string =>
  message.content?.imported?.name ?? (message.sender === me.value?.id ? t('authorMe') : talk.room.names.of(message.sender));

export function Quote({ seq }: { seq: number }) {
  const talk = useTalk();
  const { version, named } = talk.chat;
  const message = version.value + named.value >= 0 ? talk.find(seq) : null;
  if (message === undefined) return <span class="quote" aria-busy="true"><span class="gist">…</span></span>;
  if (message === null) return <span class="quote gone"><span class="gist">{t('messageDeleted')}</span></span>;
  return (
    <button type="button" class="quote" data-quoted={seq} title={t('jumpTo')} onClick={() => void talk.jump(seq)}>
      <bdi class="author">{authorOf(talk, message)}</bdi><span class="gist" dir="auto">{gist(message)}</span>
    </button>
  );
}
