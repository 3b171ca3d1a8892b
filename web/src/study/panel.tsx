// SPDX-License-Identifier: MIT
// The desks of the open room, beside the conversation: one's own clock, who else studies, and who has studied longest.
import { useEffect, useRef } from 'preact/hooks';
import type { Chat } from '../chat/state';
import { away } from '../face/state';
import { FaceSwitch } from '../face/switch';
import { number, t } from '../i18n';
import { me, rest } from '../maru';
import { problemText } from '../problem';
import { roomPath } from '../router';
import { roomOf, roomTitle } from '../rooms/rooms';
import { Avatar } from '../ui/avatar';
import { Beside } from '../ui/beside';
import { Trouble, useAttempt } from '../ui/pages';
import { Clock, MINUTE, now, studiedToday, Time } from './clock';
import { useDesksHere } from './desks';
import { loadOwn, own, sit, type Desk } from './own';
import { Ranking } from './ranking';
import { dayOf } from './zone';

const SHOWN = 200;

export default function StudyPanel({ chat, close }: { chat: Chat; close: () => void }) {
  const { desks, problem } = useDesksHere(chat);
  return (
    <Beside id="study" heading={t('study')} close={close}>
      <Mine room={chat.room.id} />
      <section aria-labelledby="desks-heading">
        <h3 id="desks-heading">{t('desks')}</h3>
        <Trouble text={problem ? problemText(problem) : ''} />
        {desks?.length === 0 && <p class="empty">{t('noDesks')}</p>}
        <ul class="desks" aria-labelledby="desks-heading">{desks?.slice(0, SHOWN).map((desk) => <Row key={desk.user} desk={desk} chat={chat} />)}</ul>
        {desks && desks.length > SHOWN && <p class="empty">{t('morePeople', { n: number(desks.length - SHOWN) })}</p>}
      </section>
      <Ranking chat={chat} desks={desks ?? []} />
    </Beside>
  );
}

/** How long one has studied today; another day has begun when it says so nowhere else. */
function ownToday(): number {
  const known = own.value;
  if (!known) return 0;
  if (known.desk) return studiedToday(known.desk, now.value);
  return dayOf(now.value, known.time_zone, known.day_start) > known.today.date ? 0 : known.today.studied;
}

function Mine({ room }: { room: number }) {
  const [trouble, attempt] = useAttempt();
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => void attempt(loadOwn), []);
  const desk = own.value?.desk ?? null;
  const isHere = desk?.room === room;
  const isStudying = isHere && desk.state === 'studying';
  const set = (state: Desk['state']) => void attempt(() => sit(room, state));
  const leave = () => void attempt(async () => {
    button.current?.focus(); // the other one goes
    await rest.delete('/v1/rooms/{room}/desk', { room });
  });
  return (
    <section class="study-mine" aria-label={t('myDesk')}>
      <Today />
      <p class="about"><State desk={desk} isHere={isHere} /></p>
      <Trouble text={trouble} />
      <div class="acts">
        <button type="button" ref={button} class={isStudying ? '' : 'primary'} onClick={() => set(isStudying ? 'paused' : 'studying')}>
          {t(isStudying ? 'deskPause' : isHere ? 'deskGoOn' : 'deskSit')}
        </button>
        {isHere && <button type="button" onClick={leave}>{t('deskLeave')}</button>}
      </div>
      {isHere && <FaceSwitch />}
    </section>
  );
}

function Today() {
  const ms = ownToday();
  const goal = own.value?.goal ?? 0;
  return (
    <>
      <p class="study-clock"><Time ms={ms} /></p>
      {goal > 0 && <progress max={goal * MINUTE} value={Math.min(ms, goal * MINUTE)} aria-label={t('studyGoal')} />}
    </>
  );
}

function State({ desk, isHere }: { desk: Desk | null; isHere: boolean }) {
  if (!desk) return <>{t('studiedToday')}</>;
  if (isHere) return <>{t(desk.state === 'studying' ? 'youStudy' : away.value ? 'faceAway' : 'youPause')}</>;
  const room = roomOf(desk.room);
  return <><span>{t('youSitIn')}</span> <a href={roomPath(desk.room)}><bdi>{room ? roomTitle(room) : t('anotherRoom')}</bdi></a></>;
}

function Row({ desk, chat }: { desk: Desk; chat: Chat }) {
  const { names } = chat.room;
  const { user, state } = desk;
  const name = chat.named.value >= 0 ? names.of(user) : '';
  return (
    <li data-user={user} data-state={state}>
      <Avatar id={user} name={name} emblem={names.avatarOf(user)} />
      <span class="text"><span class="name" dir="auto">{name}</span><small>{t(state === 'studying' ? 'deskStudies' : 'deskPaused')}</small></span>
      {user === me.value?.id && <span class="tag">{t('you')}</span>}
      <Clock desk={desk} />
    </li>
  );
}
