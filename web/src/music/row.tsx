// SPDX-License-Identifier: MIT
// A track in the list of the room.
import type { Chat } from '../chat/state';
import { t } from '../i18n';
import { Menu, type MenuItems } from '../room/menu';
import { messagePath } from '../router';
import { Icon } from '../ui/icon';
import { choose, remove } from './acts';
import { broken } from './player';
import type { Music, Track } from './timeline';
import { lengthText } from './words';

type RowProps = { track: Track; isNow: boolean; chat: Chat; music: Music; may: boolean; attempt: (work: () => Promise<unknown>) => Promise<void> };

export function Row({ track, isNow, chat, music, may, attempt }: RowProps) {
  const { id, title, duration, licence, added_by: by, message } = track;
  const name = chat.named.value >= 0 ? chat.room.names.of(by) : '';
  const items = (): MenuItems => [
    may && { label: t('trackPlay'), icon: 'play', act: () => void attempt(() => choose(music, id)) },
    { label: t('trackMessage'), icon: 'thread', href: messagePath(track.room, message) },
    may && { label: t('trackRemove'), icon: 'trash', danger: true, act: () => void attempt(() => remove(music, id)) },
  ];
  return (
    <li data-track={id} aria-current={isNow || undefined}>
      <span class="face">{isNow && <Icon name="music" />}</span>
      <span class="text">
        <span class="name" dir="auto">{title}</span>
        <small dir="auto">{licence}</small>
        <small>{t('trackBy', { name })}</small>
        {broken.value.has(id) && <small class="error">{t('trackBroken')}</small>}
      </span>
      <span class="length">{lengthText(duration)}</span>
      <Menu class="small bare" label={t('trackMenu', { title: title.slice(0, 40) })} items={items} />
    </li>
  );
}
