// SPDX-License-Identifier: MIT
// The to-dos of the open room, beside the conversation.
import type { Chat } from '../chat/state';
import { t } from '../i18n';
import { Beside } from '../ui/beside';
import { Todos } from './view';

export default function TodoPanel({ chat, close }: { chat: Chat; close: () => void }) {
  return <Beside id="todos" heading={t('todos')} close={close}><Todos chat={chat} /></Beside>;
}
