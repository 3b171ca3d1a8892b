// SPDX-License-Identifier: MIT
// The buttons of a call.
import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n';
import { Icon, type IconName } from '../ui/icon';
import { openPopup } from '../ui/popup';
import { Devices } from './devices';
import { start, type Session } from './session';
import { talk, type Talk } from './state';

function Round({ id, icon, label, pressed, onClick, class: name = '' }: {
  id: string; icon: IconName; label: string; pressed?: boolean; class?: string; onClick: (event: MouseEvent) => void;
}) {
  return (
    <button type="button" id={id} class={`round ${name}`} aria-label={label} title={label} aria-pressed={pressed} onClick={onClick}><Icon name={icon} /></button>
  );
}

function useFullScreen(section: RefObject<HTMLElement>): [boolean, () => void] {
  const [full, setFull] = useState(false);
  useEffect(() => {
    const look = () => setFull(document.fullscreenElement === section.current);
    document.addEventListener('fullscreenchange', look);
    return () => document.removeEventListener('fullscreenchange', look);
  }, []);
  const turn = () => void (full ? document.exitFullscreen() : section.current!.requestFullscreen()).catch(() => {}); // forbidden by the browser
  return [full, turn];
}

export function Controls({ session, shown, section }: { session: Session; shown: Talk; section: RefObject<HTMLElement> }) {
  const { media } = session;
  const { mic, camera, screen } = media.on.value;
  const [full, turn] = useFullScreen(section);
  const choose = ({ currentTarget }: MouseEvent) => void openPopup({ anchor: currentTarget as Element, label: t('callDevices'), name: 'call-devices' }, () => <Devices media={media} />);
  return (
    <div class="call-acts" role="group" aria-label={t('callActs')}>
      {shown.state === 'failed' && <button type="button" id="call-retry" onClick={() => session.line.peek()?.retry()}>{t('tryAgain')}</button>}
      <Round id="call-mic" icon={mic ? 'mic' : 'micOff'} label={t('callMic')} pressed={mic} onClick={() => void media.setMic(!mic)} />
      <Round id="call-camera" icon={camera ? 'video' : 'videoOff'} label={t('callCamera')} pressed={camera} onClick={() => void media.setCamera(!camera)} />
      {navigator.mediaDevices && 'getDisplayMedia' in navigator.mediaDevices && (
        <Round id="call-screen" class="more-of" icon="screen" label={t('callScreen')} pressed={screen} onClick={() => void media.setScreen(!screen)} />
      )}
      <Round id="call-choose" class="more-of" icon="settings" label={t('callDevices')} onClick={choose} />
      {document.fullscreenEnabled && <Round id="call-full" class="more-of" icon="full" label={t('callFullScreen')} pressed={full} onClick={turn} />}
      <Round id="hang-up" class="hang-up" icon="hangUp" label={t('callHangUp')} onClick={() => void session.leave()} />
    </div>
  );
}

/** When it is over. */
export function OverControls({ shown }: { shown: Talk }) {
  return (
    <div class="call-acts" role="group" aria-label={t('callActs')}>
      <button type="button" id="call-again" onClick={() => void start(shown.room, shown.video)}><Icon name="phone" />{t('callAgain')}</button>
      <button type="button" id="call-close" onClick={() => { talk.value = null; }}>{t('close')}</button>
    </div>
  );
}
