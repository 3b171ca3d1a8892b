// SPDX-License-Identifier: MIT
// The present notice, on top of the conversation: one line that opens.
import { useState } from 'preact/hooks';
import type { Chat } from '../chat/state';
import { t } from '../i18n';
import { ask } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { useNotices } from './notice';
import { whenText } from './when';

export function NoticeBar({ chat }: { chat: Chat }) {
  const { notices, confirm } = useNotices(chat, 1);
  const [open, setOpen] = useState(0); // the id of the one that is open
  const notice = notices?.[0];
  if (!notice) return null;
  const isOpen = open === notice.id;
  const all = () => void import('./dialogs').then(({ Notices }) => ask((close) => <Notices chat={chat} close={() => close(null)} />));
  return (
    <section id="notice" class={isOpen ? 'open' : ''} aria-label={t('notice')}>
      <button type="button" class="line" aria-expanded={isOpen} aria-controls="notice-rest" onClick={() => setOpen(isOpen ? 0 : notice.id)}>
        <Icon name="megaphone" /><span class="body-text" dir="auto">{notice.body}</span><Icon name={isOpen ? 'up' : 'open'} />
      </button>
      {isOpen && (
        <div id="notice-rest">
          <small>{chat.named.value >= 0 && t('noticeBy', { name: chat.room.names.of(notice.by_user), time: whenText(notice.created_at) })}{notice.edited_at && ` · ${t('edited')}`}</small>
          <div class="row-of">
            {notice.confirmed ? <span class="tag"><Icon name="check" />{t('confirmed')}</span>
              : <button type="button" class="small primary" onClick={() => void confirm(notice)}>{t('confirmNotice')}</button>}
            <button type="button" class="small" onClick={all}>{t('confirmedBy', { n: notice.confirmations })}</button>
          </div>
        </div>
      )}
    </section>
  );
}
