// SPDX-License-Identifier: MIT
// Whether one listens oneself, and how loud: nothing of it concerns anybody else.
import { t } from '../i18n';
import { roomPath } from '../router';
import { Icon } from '../ui/icon';
import { listening } from './listening';
import { broken, listen, muted, playing, state, stop, volume } from './player';
import type { Music } from './timeline';

export function Hearing({ room, music }: { room: number; music: Music | null }) {
  const isHere = listening.value === room;
  const isOn = isHere && state.value === 'on';
  const isEmpty = !music || music.tracks.length === 0;
  return (
    <section class="music-hearing" aria-label={t('musicMine')}>
      <button type="button" class={isOn ? '' : 'primary'} disabled={isEmpty && !isHere} onClick={() => (isOn ? stop() : listen(room))}>
        <Icon name={isOn ? 'close' : 'play'} />{t(isOn ? 'musicStop' : 'musicListen')}
      </button>
      <Loudness />
      <Said room={room} isHere={isHere} />
    </section>
  );
}

function Loudness() {
  const label = t('musicMute');
  return (
    <div class="loudness">
      <button type="button" class="square" aria-pressed={muted.value} aria-label={label} title={label} onClick={() => { muted.value = !muted.value; }}>
        <Icon name={muted.value ? 'muted' : 'volume'} />
      </button>
      <input type="range" min={0} max={100} step={5} value={volume.value} aria-label={t('musicVolume')}
        onInput={({ currentTarget }) => { volume.value = Number(currentTarget.value); }} />
    </div>
  );
}

function Said({ room, isHere }: { room: number; isHere: boolean }) {
  const track = playing.value;
  const isBroken = isHere && track !== null && broken.value.has(track.id);
  return (
    <>
      <p class="error" role="alert">{isBroken ? t('musicBroken', { title: track.title }) : ''}</p>
      <p class="about" role="status">{isHere && state.value === 'blocked' ? t('musicBlocked') : ''}</p>
      {listening.value > 0 && !isHere && <p class="about"><a href={roomPath(listening.value)}>{t('musicElsewhere')}</a> {room > 0 && t('musicInstead')}</p>}
    </>
  );
}
