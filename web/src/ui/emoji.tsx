// SPDX-License-Identifier: MIT
// A small emoji picker. What it needs is loaded when it is shown the first time.
//
//   <EmojiPicker pick={(emoji) => ...} />
//   const emoji = await chooseEmoji(button);   // in a popup beside the button; null: none
import type { FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n';
import { store } from '../store';
import { openPopup } from './popup';

const RECENT = 'emoji.recent';
const MOST = 24;
const COMMON = ['👍', '❤️', '😂', '😮', '😢', '🎉'];

/** Those that one chose last, the last one first. */
export function recentEmoji(): string[] {
  try {
    const list: unknown = JSON.parse(store.get(RECENT) ?? '[]');
    return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

export function noteEmoji(emoji: string): void {
  store.set(RECENT, JSON.stringify([emoji, ...recentEmoji().filter((one) => one !== emoji)].slice(0, MOST)));
}

/** A few to choose from at once. */
export const quickEmoji = (n = COMMON.length): string[] => [...new Set([...recentEmoji().slice(0, 2), ...COMMON])].slice(0, n);

export interface EmojiPickerProps { pick: (emoji: string) => void }

export function EmojiPicker({ pick }: EmojiPickerProps) {
  const [Grid, setGrid] = useState<FunctionComponent<EmojiPickerProps> | null>(null);
  useEffect(() => {
    let here = true;
    void import('./emoji-grid').then(({ EmojiGrid }) => { if (here) setGrid(() => EmojiGrid); });
    return () => { here = false; };
  }, []);
  return Grid ? <Grid pick={pick} /> : <div class="emoji-picker" aria-busy="true"><p class="empty">{t('loading')}</p></div>;
}

export function chooseEmoji(anchor: Element): Promise<string | null> {
  return openPopup<string>({ anchor, label: t('emoji'), name: 'emoji-popup' }, (close) => <EmojiPicker pick={close} />);
}
