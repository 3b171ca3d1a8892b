// SPDX-License-Identifier: MIT
// The frame of the page: the sidebar, beside it the screen that the address names.
import type { FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ChatScreen } from './chat/screen';
import { startFriends } from './friends/state';
import { t, type TextKey } from './i18n';
import { connection, me } from './maru';
import { startNotify } from './notify/start';
import { Toasts } from './notify/toasts';
import { openRoom, route, type Screen } from './router';
import { connect } from './session';
import { startSettings } from './settings/account';
import { Sidebar } from './sidebar';
import { startCounting } from './rooms/browse';
import { mine, startRooms, visit, welcome } from './rooms/rooms';
import { startUnread } from './rooms/unread';
import { Dialogs } from './ui/dialog';
import { Login } from './login';

export function App() {
  const [inside, setInside] = useState(me.peek() !== null);
  return <>{inside ? me.value?.guest ? <Part load={guest} /> : <Inside /> : <Login done={() => setInside(true)} />}<Dialogs /></>;
}

let started = false;
function start(): void {
  if (started) return;
  started = true;
  for (const part of [startRooms, startUnread, startCounting, startFriends, startNotify, startSettings]) part();
  connect();
}

function Inside() {
  useEffect(start, []);
  const { screen } = route.value;
  const inRoom = openRoom.value > 0 && welcome.value === null;
  return (
    <div id="app" data-view={inRoom || screens[screen] ? 'room' : 'list'}>
      <Offline />
      <Sidebar />
      {screens[screen] ? <Other load={screens[screen]} /> : inRoom ? <ChatScreen key={`${openRoom.value}.${visit.value}`} id={openRoom.value} /> : <Welcome />}
      <Toasts />
    </div>
  );
}

function Offline() {
  const { state, code = 0 } = connection.value;
  return <p id="offline" role="status" data-connection={state}>{stateText(state, code)}</p>;
}

export function stateText(state: string, code: number): string {
  return state === 'stopped' ? '' : t(`state${state.charAt(0).toUpperCase()}${state.slice(1)}` as TextKey, { code: String(code) });
}

const guest = () => import('./me/guest');
const firstSteps = () => import('./rooms/first');

function Welcome() {
  const isNew = !welcome.value && mine.value.loaded && mine.value.rooms.length === 0;
  return <main id="welcome">{isNew ? <Part load={firstSteps} /> : <p id="welcome-text">{welcome.value || t('chooseRoom')}</p>}</main>;
}

type Load = () => Promise<{ default: FunctionComponent }>;

// Screens that are loaded when somebody goes there.
const screens: Partial<Record<Screen, Load>> = {
  friends: () => import('./friends/screen'),
  search: () => import('./search/screen'),
  notifications: () => import('./notify/screen'),
  me: () => import('./me/screen'),
  person: () => import('./me/person'),
  settings: () => import('./settings/screen'),
  admin: () => import('./admin/screen'),
  invite: () => import('./rooms/invite'),
};

function Other({ load }: { load: Load }) {
  return <Part load={load} meanwhile={<main class="screen" aria-busy="true" />} />;
}

/** A component that is loaded when it is first shown. */
function Part({ load, meanwhile = null }: { load: Load; meanwhile?: preact.ComponentChildren }) {
  const [shown, setShown] = useState<{ load: Load; view: FunctionComponent } | null>(null);
  useEffect(() => {
    let current = true;
    void load().then(({ default: view }) => { if (current) setShown({ load, view }); });
    return () => { current = false; };
  }, [load]);
  return shown?.load === load ? <shown.view /> : <>{meanwhile}</>;
}
