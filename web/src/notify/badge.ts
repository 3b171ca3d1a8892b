// SPDX-License-Identifier: MIT
// How much waits, in the title of the window and on its icon.
import { computed, effect } from '@preact/signals';
import { number } from '../i18n';
import { total } from '../rooms/unread';
import { news } from './state';

const MARK = /^\([^)]*\) /;

export function startBadge(): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
  const plain = icon?.getAttribute('href') ?? '';
  const waits = computed(() => Math.max(total.value, news.value));
  // Whoever sets the title does not know of the number.
  const mark = () => {
    const n = waits.peek();
    const bare = document.title.replace(MARK, '');
    const title = n > 0 ? `(${n > 99 ? `${number(99)}+` : number(n)}) ${bare}` : bare;
    if (document.title !== title) document.title = title;
  };
  effect(() => {
    if (icon) icon.href = waits.value > 0 ? 'favicon-dot.svg' : plain;
    mark();
  });
  const node = document.querySelector('title');
  if (node) new MutationObserver(mark).observe(node, { childList: true, characterData: true, subtree: true });
}
