// SPDX-License-Identifier: MIT
// Above the conversation: a call goes on here, who is in it, and the way in.
import { number, t } from '../i18n';
import { Icon } from '../ui/icon';
import { calls, inside, isHere, seatIn, session, type Call } from './state';
import { personName } from './words';

export default function CallBanner({ room }: { room: number }) {
  const call = calls.value.get(room);
  if (!call || isHere(room)) return null;
  const isElsewhere = seatIn(call)?.state === 'in';
  const isFull = !isElsewhere && inside(call).length >= call.max_members;
  return (
    <section id="call-banner" aria-label={t('callOn')}>
      <p role="status"><Icon name="phone" /><span>{isElsewhere ? t('callElsewhere') : <Who call={call} />}</span></p>
      {isFull ? <span class="tag">{t('full')}</span> : <Ways call={call} isElsewhere={isElsewhere} />}
    </section>
  );
}

function Who({ call }: { call: Call }) {
  const all = inside(call);
  const names = all.map(({ user }) => personName(call.room, user)).filter(Boolean).join(', ');
  return <>{t('callOn')}: <bdi>{names}</bdi> <small>{t('callSeats', { n: number(all.length), most: number(call.max_members) })}</small></>;
}

function Ways({ call, isElsewhere }: { call: Call; isElsewhere: boolean }) {
  const go = (video: boolean) => () => void session().then(({ join }) => join(call, video));
  return (
    <span class="row-of">
      <button type="button" class="small primary" onClick={go(call.video)}>{t(isElsewhere ? 'callHere' : 'callJoin')}</button>
      {call.video && !isElsewhere && <button type="button" class="small" onClick={go(false)}>{t('callAudioOnly')}</button>}
    </span>
  );
}
