// SPDX-License-Identifier: MIT
// A message in one line: where another one answers it, in lists of rooms, toasts, search.
import type { Message } from 'maru-client';
import { t } from '../i18n';

const WORDS = 200;

export type Gist = Pick<Message, 'body'> & Partial<Pick<Message, 'hidden' | 'deleted_at' | 'content'>>;

export function gist({ body, hidden, deleted_at: deleted, content = {} }: Gist): string {
  if (hidden) return t('messageHidden');
  if (deleted) return t('messageDeleted');
  if (content.sticker) return t('gistSticker', { emoji: content.sticker.emoji });
  if (content.roll) return t('gistRoll', { sum: content.roll.sum });
  if (content.poll) return t('gistPoll', { question: content.poll.question });
  if (body) return body.replace(/\s+/g, ' ').slice(0, WORDS);
  const files = content.attachments ?? [];
  return files.length === 1 ? files[0]!.name : t('gistFiles', { n: files.length });
}
