// SPDX-License-Identifier: MIT
// What one listens to, for wherever one is on the page; it leads to the room, and makes it silent for oneself.
import { t } from '../i18n';
import { roomPath } from '../router';
import { roomOf, roomTitle } from '../rooms/rooms';
import { Icon } from '../ui/icon';
import { listening } from './listening';
import { listen, pause, playing, state, stop } from './player';

export default function Bar() {
  const id = listening.value;
  const room = roomOf(id);
  const isOn = state.value === 'on';
  const label = t(isOn ? 'musicRest' : 'musicListen');
  return (
    <div class="running heard" role="group" aria-label={t('musicHeard')} data-state={state.value}>
      <a href={roomPath(id)}><Icon name="music" /><span class="text"><bdi>{playing.value?.title ?? t('music')}</bdi><small><bdi>{room ? roomTitle(room) : ''}</bdi></small></span></a>
      <button type="button" class="square" aria-label={label} title={label} onClick={() => (isOn ? pause() : listen(id))}><Icon name={isOn ? 'pause' : 'play'} /></button>
      <button type="button" class="square" aria-label={t('musicStop')} title={t('musicStop')} onClick={stop}><Icon name="close" /></button>
    </div>
  );
}
