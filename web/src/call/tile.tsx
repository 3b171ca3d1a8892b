// SPDX-License-Identifier: MIT
// One person in a call: the picture, or who it is.
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { profileOf } from '../me/people';
import { Clock } from '../study/clock';
import type { Desk } from '../study/own';
import { Avatar } from '../ui/avatar';
import { Icon, type IconName } from '../ui/icon';
import type { TrackState } from './media';
import { personName } from './words';

interface TileProps {
  room: number;
  user: number;
  stream: MediaStream | null;
  on: TrackState | null;
  own?: boolean;
  /** What is to be said of the connection. */
  note?: string | undefined;
  state: string;
  /** Where they study. */
  desk?: Desk | undefined;
}

export function Tile({ room, user, stream, on, own = false, note, state, desk }: TileProps) {
  const name = personName(room, user);
  const hasPicture = on !== null && (on.camera || on.screen);
  return (
    <li class="tile" data-user={user} data-own={own || undefined} data-state={state} data-picture={on?.screen ? 'screen' : hasPicture ? 'camera' : 'none'}>
      <Picture stream={stream} own={own} mirrored={own && !on?.screen} name={name} />
      {!hasPicture && <span class="tile-face"><Avatar id={user} name={name} emblem={profileOf(user).value?.avatar} /></span>}
      <p class="tile-name">
        <bdi>{name}</bdi>
        {on && !on.mic && <Mark icon="micOff" label={t('callMicOff')} />}
        {on && !on.camera && !on.screen && <Mark icon="videoOff" label={t('callCameraOff')} />}
        {on?.screen && <Mark icon="screen" label={t('callScreenOn')} />}
        {desk && <Studied desk={desk} />}
        {note && <span class="tile-note">{note}</span>}
      </p>
    </li>
  );
}

// The clock of the desk, or that it stands.
const Studied = ({ desk }: { desk: Desk }) => (
  <span class="tile-desk" data-state={desk.state} title={t(desk.state === 'studying' ? 'deskStudies' : 'deskPaused')}>
    {desk.state === 'paused' && <span class="sr">{t('deskPaused')} </span>}<Clock desk={desk} />
  </span>
);

const Mark = ({ icon, label }: { icon: IconName; label: string }) => <span class="tile-mark" role="img" aria-label={label} title={label}><Icon name={icon} /></span>;

// It is there without a picture, too: the sound comes out of it.
function Picture({ stream, own, mirrored, name }: { stream: MediaStream | null; own: boolean; mirrored: boolean; name: string }) {
  const node = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = node.current!;
    video.muted = own;
    video.srcObject = stream;
    if (stream) video.play().catch(() => {}); // taken out of the page at once
    return () => { video.srcObject = null; };
  }, [stream]);
  return <video ref={node} class={mirrored ? 'mirrored' : ''} autoPlay playsInline aria-label={t('callPictureOf', { name })} />;
}
