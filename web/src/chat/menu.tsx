// SPDX-License-Identifier: MIT
// The menu of a message: at the pointer on a desktop, from below after a long press on a phone.
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Message } from 'maru-client';
import { t } from '../i18n';
import { quickEmoji } from '../ui/emoji';
import { Icon } from '../ui/icon';
import { openPopup } from '../ui/popup';
import { actsOf, reactTo, toggleReaction, type Act } from './acts';
import type { Place, Talk } from './talk';

type Choice = Act['run'];

export async function openMenu(talk: Talk, message: Message, anchor: Element, place: Place): Promise<void> {
  talk.loadPins();
  const run = await openPopup<Choice>({ anchor, label: t('actions'), name: 'message-menu' },
    (close) => <Menu talk={talk} message={message} place={place} close={close} />);
  if (run) await talk.attempt(() => run(anchor));
}

function step(items: HTMLElement[], at: number, key: string): HTMLElement | undefined {
  if (key === 'ArrowDown' || key === 'ArrowRight') return items[(at + 1) % items.length];
  if (key === 'ArrowUp' || key === 'ArrowLeft') return items[(at - 1 + items.length) % items.length];
  return { Home: items[0], End: items.at(-1) }[key];
}

function Menu({ talk, message, place, close }: { talk: Talk; message: Message; place: Place; close: (choice: Choice | null) => void }) {
  const menu = useRef<HTMLDivElement>(null);
  const items = () => [...menu.current!.querySelectorAll<HTMLElement>('[role^=menuitem]')];
  useLayoutEffect(() => items()[0]?.focus(), []);
  const move = (event: KeyboardEvent) => {
    const all = items();
    const next = step(all, all.indexOf(document.activeElement as HTMLElement), event.key);
    if (event.key === 'Tab') close(null);
    if (!next && event.key !== 'Tab') return;
    event.preventDefault();
    next?.focus();
  };
  const mine = (emoji: string) => message.reactions?.some((one) => one.emoji === emoji && one.mine) ?? false;
  const acts = actsOf(talk, message, place).filter(({ id }) => id !== 'react');
  return (
    <div role="menu" class="menu" aria-label={t('actions')} ref={menu} onKeyDown={move}>
      <div class="menu-emoji" role="group" aria-label={t('react')}>
        {quickEmoji().map((emoji) => (
          <button type="button" role="menuitemcheckbox" tabIndex={-1} key={emoji} aria-checked={mine(emoji)} aria-label={t('reactWith', { emoji })}
            onClick={() => close(() => toggleReaction(talk, message, emoji))}>{emoji}</button>
        ))}
        <button type="button" role="menuitem" tabIndex={-1} aria-label={t('reactOther')} title={t('reactOther')}
          onClick={() => close((anchor) => reactTo(talk, message, anchor))}><Icon name="plus" /></button>
      </div>
      {acts.map(({ id, icon, label, run, grave }) => (
        <button type="button" role="menuitem" tabIndex={-1} key={id} class={grave ? 'item grave' : 'item'} data-act={id} onClick={() => close(run)}>
          <Icon name={icon} /><span>{label}</span>
        </button>
      ))}
    </div>
  );
}
