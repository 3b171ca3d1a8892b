// SPDX-License-Identifier: MIT
// A small clock for wherever one is on the page; it leads to the room where one sits.
import { t } from '../i18n';
import { roomPath } from '../router';
import { roomOf, roomTitle } from '../rooms/rooms';
import { Icon } from '../ui/icon';
import { Clock } from './clock';
import { own } from './own';

export default function Running() {
  const desk = own.value?.desk;
  if (!desk) return null;
  const room = roomOf(desk.room);
  return (
    <a class="running" href={roomPath(desk.room)} data-state={desk.state}>
      <Icon name={desk.state === 'paused' ? 'pause' : 'clock'} />
      <bdi>{room ? roomTitle(room) : t('study')}</bdi>
      {desk.state === 'paused' && <small>{t('deskPaused')}</small>}
      <Clock desk={desk} />
    </a>
  );
}
