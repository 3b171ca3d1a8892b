// SPDX-License-Identifier: MIT
// The frame of the page: the sidebar, beside it the screen that the address names.
import type { FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { startBoards } from './board/start';
import { callPlace, CallParts } from './call/parts';
import { startCalls } from './call/state';
import { ChatScreen } from './chat/screen';
import { startFriends } from './friends/state';
import { t, type TextKey } from './i18n';
import { connection, me } from './maru';
import { Listening, startMusic } from './music/listening';
import { startNotify } from './notify/start';
import { Toasts } from './notify/toasts';
import { openRoom, route, type Screen } from './router';
import { connect } from './session';
import { startSettings } from './settings/account';
import { Sidebar } from './sidebar';
import { startCounting } from './rooms/browse';
import { mine, startRooms, visit, welcome } from './rooms/rooms';
import { startUnread } from './rooms/unread';
import { startStudy } from './study/own';
import { startFace } from './face/state';
import { Sitting } from './study/sitting';
import { Dialogs } from './ui/dialog';
import { lazy, type Load } from './ui/lazy';
import { Login } from './login';

export function App() {
  const [inside, setInside] = useState(me.peek() !== null);
  return <>{inside ? me.value?.guest ? <Guest /> : <Inside /> : <Login done={() => setInside(true)} />}<Dialogs /></>;
}

let started = false;
function start(): void {
  if (started) return;
  started = true;
  for (const part of [startRooms, startUnread, startCounting, startFriends, startNotify, startSettings, startStudy, startFace, startMusic, startCalls, startBoards]) part();
  connect();
}

function Inside() {
  useEffect(start, []);
  const Other = screens[route.value.screen];
  const inRoom = openRoom.value > 0 && welcome.value === null;
  return (
    <div id="app" data-view={inRoom || Other ? 'room' : 'list'} data-call={callPlace.value}>
      <div id="top"><Offline /><Sitting /><Listening /></div>
      <CallParts />
      <Sidebar />
      {Other ? <Other /> : inRoom ? <ChatScreen key={`${openRoom.value}.${visit.value}`} id={openRoom.value} /> : <Welcome />}
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

const Guest = lazy(() => import('./me/guest'));
const FirstSteps = lazy(() => import('./rooms/first'));

function Welcome() {
  const isNew = !welcome.value && mine.value.loaded && mine.value.rooms.length === 0;
  return <main id="welcome">{isNew ? <FirstSteps /> : <p id="welcome-text">{welcome.value || t('chooseRoom')}</p>}</main>;
}

const screen = (load: Load) => lazy(load, <main class="screen" aria-busy="true" />);

// Screens that are loaded when somebody goes there.
const screens: Partial<Record<Screen, FunctionComponent>> = {
  friends: screen(() => import('./friends/screen')),
  search: screen(() => import('./search/screen')),
  notifications: screen(() => import('./notify/screen')),
  me: screen(() => import('./me/screen')),
  person: screen(() => import('./me/person')),
  settings: screen(() => import('./settings/screen')),
  admin: screen(() => import('./admin/screen')),
  invite: screen(() => import('./rooms/invite')),
};
