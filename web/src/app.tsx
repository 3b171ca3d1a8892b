// SPDX-License-Identifier: MIT
// The frame of the page: the sidebar, beside it the screen that the address names.
import type { FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ChatScreen } from './chat/screen';
import { t, type TextKey } from './i18n';
import { connection, me } from './maru';
import { openRoom, route, type Screen } from './router';
import { connect } from './session';
import { Sidebar } from './sidebar';
import { startRooms, visit, welcome } from './rooms/rooms';
import { Dialogs } from './ui/dialog';
import { Login } from './login';

export function App() {
  const [inside, setInside] = useState(me.peek() !== null);
  return <>{inside ? <Inside /> : <Login done={() => setInside(true)} />}<Dialogs /></>;
}

function Inside() {
  useEffect(() => {
    startRooms();
    connect();
  }, []);
  const { screen } = route.value;
  const inRoom = openRoom.value > 0 && welcome.value === null;
  return (
    <div id="app" data-view={inRoom || screens[screen] ? 'room' : 'list'}>
      <Offline />
      <Sidebar />
      {screens[screen] ? <Other screen={screen} /> : inRoom ? <ChatScreen key={`${openRoom.value}.${visit.value}`} id={openRoom.value} /> : <Welcome />}
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

function Welcome() {
  return <main id="welcome"><p id="welcome-text">{welcome.value || t('chooseRoom')}</p></main>;
}

// Screens that are loaded when somebody goes there: () => import('./friends/screen').
const screens: Partial<Record<Screen, () => Promise<{ default: FunctionComponent }>>> = {};

function Other({ screen }: { screen: Screen }) {
  const [View, setView] = useState<FunctionComponent | null>(null);
  useEffect(() => {
    let current = true;
    setView(null);
    void screens[screen]?.().then(({ default: view }) => { if (current) setView(() => view); });
    return () => { current = false; };
  }, [screen]);
  return View ? <View /> : <main class="screen" aria-busy="true" />;
}
