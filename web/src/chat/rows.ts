// SPDX-License-Identifier: MIT
// The lines of a conversation, each with what of its neighbours matters for its looks.
import type { Line, Message } from 'maru-client';
import { dayKey } from '../i18n';

const TOGETHER = 5 * 60 * 1000; // messages of one person within this time share one head

export interface Row {
  line: Line;
  /** The first one of a day. */
  day: boolean;
  /** The first one that one had not read. */
  fresh: boolean;
  /** Of the same person as the one before, a moment later. */
  again: boolean;
}

const dateOf = ({ message }: Line): Date => new Date(message?.created_at ?? 0);
const authorOf = ({ sender, content }: Message): string => `${sender} ${content?.imported?.name ?? ''}`;

export function follows(message: Message, before: Message): boolean {
  return authorOf(before) === authorOf(message) && new Date(message.created_at).getTime() - new Date(before.created_at).getTime() < TOGETHER;
}

// Only messages tell when they happened. Answers in threads stand in their thread.
export function rowsOf(lines: readonly Line[], unread: { after: number; upTo: number } | null, me: number): Row[] {
  const rows: Row[] = [];
  let last: Line | undefined; // the last message
  let before: Line | undefined;
  let looking = unread !== null;
  for (const line of lines) {
    const { message } = line;
    if (message?.thread !== undefined) continue;
    const day = message !== undefined && (!last || dayKey(dateOf(line)) !== dayKey(dateOf(last)));
    const fresh = looking && unread !== null && message !== undefined && line.seq > unread.after && line.seq <= unread.upTo && message.sender !== me;
    // Where the page begins after the place, one had stopped somewhere before it.
    if (fresh) looking = false;
    const again = message !== undefined && !day && !fresh && before !== undefined && before === last && follows(message, before.message!);
    rows.push({ line, day, fresh, again });
    before = line;
    if (message) last = line;
  }
  return rows;
}
