// SPDX-License-Identifier: MIT
// In the head of a room: calls, or joins the call that goes on there.
import { t } from '../i18n';
import { Menu } from '../room/menu';
import { Icon } from '../ui/icon';
import { calls, isHere, session } from './state';

export function CallButton({ room }: { room: number }) {
  if (isHere(room)) return null;
  const isOn = calls.value.has(room);
  const label = t(isOn ? 'callJoin' : 'call');
  const go = (video: boolean) => () => void session().then(({ start }) => start(room, video));
  return (
    <Menu id="call-menu" class={isOn ? 'on' : ''} label={label} items={() => [
      { label: t(isOn ? 'callJoinVideo' : 'callVideo'), icon: 'video', id: 'call-video', act: go(true) },
      { label: t(isOn ? 'callJoinAudio' : 'callAudio'), icon: 'phone', id: 'call-audio', act: go(false) },
    ]}><Icon name="phone" /></Menu>
  );
}

/** In the list of rooms. */
export function CallMark({ room }: { room: number }) {
  return calls.value.has(room) ? <span class="lock on-call" role="img" aria-label={t('callOn')} title={t('callOn')}><Icon name="phone" /></span> : null;
}
