// SPDX-License-Identifier: MIT
// The buttons beside a message: under the pointer all of them, for the keyboard the one that opens the menu.
// Of those only one is in the order of Tab (see useKeys), the arrow keys go from message to message.
import { useState } from 'preact/hooks';
import type { Message } from 'maru-client';
import { t } from '../i18n';
import { Icon } from '../ui/icon';
import { actsOf } from './acts';
import { openMenu } from './menu';
import { useTalk, type Place } from './talk';

const QUICK = new Set(['react', 'reply', 'thread']);

export function Bar({ message, place, near, about }: { message: Message; place: Place; near: boolean; about: string }) {
  const talk = useTalk();
  const [open, setOpen] = useState(false);
  const acts = near ? actsOf(talk, message, place).filter(({ id }) => QUICK.has(id)) : [];
  const menu = async (anchor: Element) => {
    setOpen(true);
    await openMenu(talk, message, anchor, place);
    setOpen(false);
  };
  return (
    <div class={open ? 'bar open' : 'bar'}>
      {acts.map(({ id, icon, label, run }) => (
        <button type="button" key={id} tabIndex={-1} data-act={id} aria-label={label} title={label}
          onClick={({ currentTarget }) => void talk.attempt(() => run(currentTarget))}><Icon name={icon} /></button>
      ))}
      <button type="button" class="acts" tabIndex={-1} aria-haspopup="menu" aria-expanded={open} aria-label={t('actionsOf', { about })} title={t('actions')}
        onClick={({ currentTarget }) => void menu(currentTarget)}><Icon name="more" /></button>
    </div>
  );
}
