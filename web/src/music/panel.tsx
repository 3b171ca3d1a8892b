// SPDX-License-Identifier: MIT
// The music of the open room, beside the conversation: what plays, the list, and for who keeps order the controls.
import { useEffect, useState } from 'preact/hooks';
import { mayPin, type Chat } from '../chat/state';
import { t } from '../i18n';
import { problemText } from '../problem';
import { Beside } from '../ui/beside';
import { ask } from '../ui/dialog';
import { useFocusKept } from '../ui/focus';
import { Icon } from '../ui/icon';
import { Trouble, useAttempt } from '../ui/pages';
import { Add } from './add';
import { keepTime, serverNow } from './clock';
import { Hearing } from './hearing';
import { Now } from './now';
import { Row } from './row';
import { musicOf, type Source } from './source';
import { placeAt, type Music, type Place } from './timeline';

const LOOK = 500;
const MOST = 100;

function useSource(room: number): Source | null {
  const [source, setSource] = useState<Source | null>(null);
  useEffect(() => {
    const { source: one, end } = musicOf(room);
    setSource(one);
    return end;
  }, []);
  return source;
}

// Where the music is, again and again while it goes on.
function usePlace(music: Music | null): Place | null {
  const [, again] = useState(0);
  const isOn = music?.state === 'playing' && music.tracks.length > 0;
  useEffect(() => {
    if (!isOn) return undefined;
    const time = keepTime();
    const timer = setInterval(() => again((n) => n + 1), LOOK);
    return () => {
      time.end();
      clearInterval(timer);
    };
  }, [isOn]);
  return music && placeAt(music, serverNow());
}

export default function MusicPanel({ chat, close }: { chat: Chat; close: () => void }) {
  const source = useSource(chat.room.id);
  return <Beside id="music" heading={t('music')} close={close}>{source && <Body chat={chat} source={source} />}</Beside>;
}

function Body({ chat, source }: { chat: Chat; source: Source }) {
  const music = source.music.value;
  const place = usePlace(music);
  const [trouble, attempt] = useAttempt();
  const may = mayPin(chat);
  const { problem: { value: problem } } = source;
  return (
    <div class="music-body" {...useFocusKept('[data-track]', 'button')}>
      <Trouble text={trouble || (problem && !music ? problemText(problem) : '')} />
      {music && music.tracks.length > 0 && <Now music={music} place={place} may={may} attempt={attempt} />}
      <Hearing room={chat.room.id} music={music} />
      {music && <List chat={chat} music={music} place={place} may={may} attempt={attempt} />}
    </div>
  );
}

type ListProps = { chat: Chat; music: Music; place: Place | null; may: boolean; attempt: (work: () => Promise<unknown>) => Promise<void> };

function List({ chat, music, place, may, attempt }: ListProps) {
  const isFull = music.tracks.length >= MOST;
  const add = () => void ask((close) => <Add room={chat.room.id} close={() => close(null)} />);
  return (
    <section aria-labelledby="tracks-heading">
      <h3 id="tracks-heading">{t('tracks')}</h3>
      {music.tracks.length === 0 && <p class="empty">{t(may ? 'noTracksYet' : 'noTracks')}</p>}
      {music.tracks.length > 0 && (
        <ol class="tracks" aria-labelledby="tracks-heading">
          {music.tracks.map((track) => <Row key={track.id} track={track} isNow={track.id === place?.track.id} chat={chat} music={music} may={may} attempt={attempt} />)}
        </ol>
      )}
      {may && <button type="button" class="add-track" disabled={isFull} onClick={add}><Icon name="plus" />{t('trackAdd')}</button>}
      {may && isFull && <p class="about">{t('tracksFull', { n: MOST })}</p>}
    </section>
  );
}
