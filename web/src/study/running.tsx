// SPDX-License-Identifier: MIT
// A small clock for wherever one is on the page; it leads to the room where one sits.
import { want, watching } from '../face/state';
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
    <div class="running" data-state={desk.state}>
      <a href={roomPath(desk.room)}>
        <Icon name={desk.state === 'paused' ? 'pause' : 'clock'} />
        <bdi>{room ? roomTitle(room) : t('study')}</bdi>
        {desk.state === 'paused' && <small>{t('deskPaused')}</small>}
        <Clock desk={desk} />
      </a>
      {watching.value && <button type="button" class="bare" aria-label={t('faceStop')} title={t('faceStop')} onClick={() => want(false)}><Icon name="video" /></button>}
    </div>
  );
}
