// SPDX-License-Identifier: MIT
// What plays for all in the room, how far it is, and for who keeps order the controls.
import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { Icon, type IconName } from '../ui/icon';
import { play, seek, skip } from './acts';
import type { Music, Place } from './timeline';
import { lengthText } from './words';

type Attempt = (work: () => Promise<unknown>) => Promise<void>;

export function Now({ music, place, may, attempt }: { music: Music; place: Place | null; may: boolean; attempt: Attempt }) {
  const isOn = music.state === 'playing';
  return (
    <section class="music-now" aria-label={t('musicNow')}>
      <p class="track-title" dir="auto">{place ? place.track.title : t('musicNothing')}</p>
      {place && <p class="about" dir="auto">{place.track.licence}</p>}
      {place && <Progress music={music} place={place} may={may} attempt={attempt} />}
      <p class="about" role="status">{place ? t(isOn ? 'musicPlays' : 'musicPaused') : ''}</p>
      {may && (
        <div class="acts">
          <Control name="previous" label={t('musicPrevious')} act={() => void attempt(() => skip(music, -1))} />
          <Control name={isOn ? 'pause' : 'play'} label={t(isOn ? 'musicPause' : 'musicPlay')} act={() => void attempt(() => play(music))} main />
          <Control name="skip" label={t('musicNext')} act={() => void attempt(() => skip(music, 1))} />
        </div>
      )}
    </section>
  );
}

const Control = ({ name, label, act, main }: { name: IconName; label: string; act: () => void; main?: boolean }) => (
  <button type="button" class={main ? 'primary round' : 'round'} aria-label={label} title={label} onClick={act}><Icon name={name} /></button>
);

function Progress({ music, place: { track, position }, may, attempt }: { music: Music; place: Place; may: boolean; attempt: Attempt }) {
  const [wanted, setWanted] = useState<number | null>(null); // while the slider is held
  const at = Math.floor((wanted ?? position) / 1000);
  const end = Math.floor(track.duration / 1000);
  const said = t('musicAt', { at: lengthText(at * 1000), end: lengthText(track.duration) });
  return (
    <div class="music-progress">
      {may ? (
        <input type="range" min={0} max={end} value={at} aria-label={t('musicPosition')} aria-valuetext={said}
          onInput={({ currentTarget }) => setWanted(Number(currentTarget.value) * 1000)}
          onChange={({ currentTarget }) => void attempt(async () => {
            const to = Math.min(Number(currentTarget.value) * 1000, track.duration - 1);
            await seek(music, to).finally(() => setWanted(null));
          })} />
      ) : <progress max={end} value={at} aria-label={t('musicPosition')} />}
      <div class="times" aria-hidden="true"><span>{lengthText(at * 1000)}</span><span>{lengthText(track.duration)}</span></div>
    </div>
  );
}
