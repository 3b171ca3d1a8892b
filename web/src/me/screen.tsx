// SPDX-License-Identifier: MIT
// One's own page: who one is, and the rooms one is in, holds and likes.
import { useEffect, useState } from 'preact/hooks';
import type { RoomInfo } from 'maru-client';
import { shortDate, t } from '../i18n';
import { maru, me, myself, rest } from '../maru';
import { RoomItem } from '../rooms/list';
import { Avatar } from '../ui/avatar';
import { Alert, Area, Field, Form, valueOf } from '../ui/form';
import { PagesEnd, usePages } from '../ui/pages';
import { Reading } from '../ui/reading';
import { Todos } from '../todos/view';
import { lazy } from '../ui/lazy';
import { Part, Screen } from '../ui/screen';
import { changeAvatar } from './avatar';

const Graph = lazy(() => import('../study/graph'), <div class="study-graph" aria-busy="true" />);

const TABS = ['joined', 'hosting', 'liked'] as const;
type Tab = (typeof TABS)[number];
const asked = (tab: Tab) => (tab === 'hosting' ? { role: 'host' as const } : tab === 'liked' ? { liked: '1' as const } : {});

export default function MyScreen() {
  return (
    <Screen id="me" title={t('myPage')}>
      <Profile />
      <Part title={t('myStudy')}><Graph /></Part>
      <Part title={t('myTodos')}><Todos chat={null} /></Part>
      <Rooms />
    </Screen>
  );
}

function Profile() {
  const [editing, setEditing] = useState(false);
  const user = me.value;
  if (!user) return null;
  return (
    <section class="profile" aria-label={t('profile')}>
      <button type="button" class="face" aria-label={t('myPicture')} title={t('myPicture')} onClick={() => void changeAvatar()}><Avatar id={user.id} name={user.nickname} emblem={user.avatar} /></button>
      {editing ? <Edit done={() => setEditing(false)} /> : (
        <div class="profile-text">
          <h2 dir="auto">{user.nickname}</h2>
          <p class="about">@{user.name} · {t('since', { date: shortDate(new Date(user.created_at)) })}</p>
          <p class="status-message" dir="auto">{user.status_message || <span class="about">{t('noStatus')}</span>}</p>
          <button type="button" onClick={() => setEditing(true)}>{t('editProfile')}</button>
        </div>
      )}
    </section>
  );
}

function Edit({ done }: { done: () => void }) {
  const user = myself();
  const submit = async (form: HTMLFormElement) => {
    const account = await rest.patch('/v1/users/me', {}, { nickname: valueOf(form, 'nickname').trim(), status_message: valueOf(form, 'status_message').trim() });
    maru.session.keepMe({ ...myself(), ...account });
    done();
  };
  return (
    <Form class="profile-text" submit={submit}>
      <Alert />
      <Field name="nickname" label={t('nickname')} defaultValue={user.nickname} maxLength={30} required autocomplete="nickname" />
      <Area name="status_message" label={t('statusMessage')} value={user.status_message} maxLength={200} rows={2} />
      <div class="actions"><button type="button" onClick={done}>{t('cancel')}</button><button class="primary">{t('save')}</button></div>
    </Form>
  );
}

// How many rooms each tab has.
function useCounts(): Record<Tab, number | null> {
  const [counts, setCounts] = useState<Record<Tab, number | null>>({ joined: null, hosting: null, liked: null });
  useEffect(() => {
    const readings = TABS.map((tab) => [tab, new Reading()] as const);
    const count = () => {
      for (const [tab, reading] of readings) {
        reading.read(() => rest.get('/v1/users/me/rooms', { ...asked(tab), total: '1', limit: 1 }),
          ({ total = 0 }) => setCounts((before) => ({ ...before, [tab]: total }))).catch(() => {});
      }
    };
    count();
    return maru.on('own', ({ type }) => { if (/^room\./.test(type)) count(); });
  }, []);
  return counts;
}

function Rooms() {
  const [tab, setTab] = useState<Tab>('joined');
  const counts = useCounts();
  const pages = usePages<RoomInfo>(async (cursor) => {
    const { rooms, next } = await rest.get('/v1/users/me/rooms', { ...asked(tab), ...cursor && { cursor } });
    return { items: rooms as RoomInfo[], next };
  }, tab);
  useEffect(() => maru.on('own', ({ type }) => { if (/^room\./.test(type)) pages.reload(); }), [tab]);
  const turn = ({ key }: KeyboardEvent) => {
    const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    const next = TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length]!;
    setTab(next);
    document.getElementById(`my-${next}`)?.focus();
  };
  const empty = { joined: 'noRoomsOfMine', hosting: 'noRoomsHosted', liked: 'noRoomsLiked' } as const;
  const label = { joined: 'tabJoined', hosting: 'tabHosting', liked: 'tabLiked' } as const;
  return (
    <Part title={t('rooms')}>
      <div class="tabs" role="tablist" aria-label={t('rooms')} onKeyDown={turn}>
        {TABS.map((one) => (
          <button key={one} type="button" role="tab" id={`my-${one}`} aria-controls="my-rooms" aria-selected={one === tab} tabIndex={one === tab ? 0 : -1} onClick={() => setTab(one)}>
            {t(label[one])}{counts[one] !== null && <span class="count"> {counts[one]}</span>}
          </button>
        ))}
      </div>
      <div id="my-rooms" role="tabpanel" aria-labelledby={`my-${tab}`}>
        <ul class="rooms wide">{pages.items.map((room) => <RoomItem key={room.id} room={room} own={false} />)}</ul>
        <PagesEnd pages={pages} empty={t(empty[tab])} />
      </div>
    </Part>
  );
}
