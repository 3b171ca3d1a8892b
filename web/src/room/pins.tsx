// SPDX-License-Identifier: MIT
// The pinned messages; each leads to its place in the conversation.
import { useEffect } from 'preact/hooks';
import type { Message } from 'maru-client';
import { gist } from '../chat/gist';
import { t } from '../i18n';
import { rest } from '../maru';
import { mayPin } from '../chat/state';
import { go, messagePath } from '../router';
import { Icon } from '../ui/icon';
import type { RoomDialog } from './dialogs';
import { Frame, useAsked } from './frame';
import { whenText } from './when';

export function Pins({ chat, close }: RoomDialog) {
  const room = chat.room.id;
  const { answer, problem, again, attempt } = useAsked(() => rest.get('/v1/rooms/{room}/pins', { room }));
  useEffect(() => chat.room.on('events', (events) => { if (events.some(({ type }) => /^pin\.|^message\.deleted|^messages\.purged/.test(type))) void again(); }), []);
  const take = (message: number) => attempt(() => rest.delete('/v1/rooms/{room}/pins/{message}', { room, message }));
  const bodyOf = (seq: number): string => {
    const message = answer?.messages.find((one) => one.seq === seq) as Message | undefined;
    return message ? gist(message) : t('messageHidden');
  };
  return (
    <Frame id="pins" heading={t('pins')} problem={problem} close={close}>
      {answer?.pins.length === 0 && <p class="empty">{t('noPins')}</p>}
      <ul class="entries">{answer?.pins.map(({ message, by_user, created_at }) => (
        <li key={message}>
          <a class="text" href={messagePath(room, message)} onClick={(event) => {
            event.preventDefault();
            close();
            go(messagePath(room, message));
          }}><span class="clamp" dir="auto">{bodyOf(message)}</span>
            <small>{t('pinnedBy', { name: chat.room.names.of(by_user), time: whenText(created_at) })}</small></a>
          {mayPin(chat) && <button type="button" class="small bare" aria-label={t('pinRemove')} title={t('pinRemove')} onClick={() => void take(message)}><Icon name="trash" /></button>}
        </li>
      ))}</ul>
    </Frame>
  );
}
