// SPDX-License-Identifier: MIT
// The to-dos of the open room, beside the conversation.
import { useEffect, useRef } from 'preact/hooks';
import type { Chat } from '../chat/state';
import { t } from '../i18n';
import { Icon } from '../ui/icon';
import { Todos } from './view';

export default function TodoPanel({ chat, close }: { chat: Chat; close: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  return (
    <aside id="todos" class="beside" aria-labelledby="todos-heading" onKeyDown={(event) => { if (event.key === 'Escape' && !event.defaultPrevented) close(); }}>
      <header>
        <h2 id="todos-heading">{t('todos')}</h2>
        <button type="button" ref={button} class="beside-close" aria-label={t('close')} title={t('close')} onClick={close}><Icon name="close" /></button>
      </header>
      <div class="beside-body"><Todos chat={chat} /></div>
    </aside>
  );
}
