// SPDX-License-Identifier: MIT
// The page starts here: decides between the login form and the rooms, keeps the one websocket, and
// opens the room that the address names (#/rooms/5).
import { get, logOut, onSessionEnd, post } from './api.js';
import { avatar } from './avatar.js';
import { askToJoin, changePassword } from './dialogs.js';
import { byId } from './dom.js';
import { openPicturesOf } from './gallery.js';
import { currentLanguage, onLanguage, setLanguage, t, translate } from './i18n.js';
import { Lobby, roomPath } from './lobby.js';
import { showLogin } from './login.js';
import { changeAvatar } from './picture.js';
import { problemText } from './problem.js';
import { Room, wakeOutboxes } from './room.js';
import { me, onMe, onOtherWindow } from './session.js';
import { Socket } from './socket.js';
import { forget, recall, remember } from './store.js';

const app = byId('app');
const key = document.querySelector('meta[name="maru-app-key"]').content;
let socket;
let lobby;
let room = null;
let connection = { state: 'stopped' };

// ---- the websocket

function socketUrl() {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return `${scheme}://${location.host}/app/${key}?protocol=7&client=maru-web&version=0.1.0`;
}

async function authorize(socketId, channels) {
  return (await post('/v1/realtime/auth', { socket_id: socketId, channels })).channels;
}

function drawConnection() {
  const { state, code } = connection;
  const text = t(`state${state.charAt(0).toUpperCase()}${state.slice(1)}`, { code });
  for (const node of document.querySelectorAll('[data-connection]')) {
    node.dataset.connection = state;
    node.textContent = text;
  }
}

function onState(state, { code } = {}) {
  if (state === 'stopped') return;
  // Between two attempts it is still the same loss.
  if (state === 'connecting' && connection.state === 'waiting') return;
  connection = { state, code };
  drawConnection();
  if (state === 'connected') wakeOutboxes();
  else room?.disconnected();
  if (state === 'ended') get('/v1/users/me').catch(() => {}); // logged out elsewhere? then 401 ends it here too
}

// ---- rooms

function showMain(view) {
  app.dataset.view = view; // on a phone: list or room
  byId('room').hidden = view !== 'room';
  byId('welcome').hidden = view === 'room';
}

function closeRoom() {
  room?.close();
  room = null;
  showPeople(false);
  document.title = 'Maru';
}

async function membership(id) {
  const found = await get(`/v1/rooms/${id}`);
  if (found.joined) return found;
  return await askToJoin(found) ? get(`/v1/rooms/${id}`) : null;
}

async function route() {
  const id = Number(/^#\/rooms\/(\d{1,16})$/.exec(location.hash)?.[1] ?? 0);
  if (room?.id === id && !room.isLost) return;
  closeRoom();
  lobby.select(id);
  byId('welcome-text').textContent = t('chooseRoom');
  if (id === 0) {
    showMain('list');
    return;
  }
  try {
    const found = await membership(id);
    if (location.hash !== roomPath(id)) return; // somewhere else by now
    if (!found) {
      location.hash = '#/';
      return;
    }
    closeRoom();
    showMain('room');
    room = new Room(found, { me: me(), socket, onRoom: (changed) => lobby.update(changed) });
  } catch (problem) {
    if (problem.status === 401) return;
    showMain('list');
    byId('welcome-text').textContent = problemText(problem);
    byId('lobby-trouble').textContent = problemText(problem);
  }
}

// ---- coming and going

function startOver(reason) {
  if (reason) remember('reason', reason);
  location.reload();
}

function drawMe() {
  const user = me();
  if (!user) return;
  byId('my-name').textContent = user.nickname;
  byId('my-avatar').replaceChildren(avatar(user.id, user.nickname, { emblem: user.avatar }));
}

function start() {
  app.hidden = false;
  drawMe();
  onMe(drawMe);
  socket = new Socket(socketUrl(), authorize, onState);
  lobby = new Lobby(socket, me());
  onSessionEnd(() => startOver('sessionEnded'));
  addEventListener('hashchange', route);
  addEventListener('online', () => {
    socket.wake();
    wakeOutboxes();
  });
  document.addEventListener('visibilitychange', () => !document.hidden && socket.wake());
  socket.start();
  route();
}

byId('change-password').addEventListener('click', changePassword);
byId('my-avatar').addEventListener('click', () => changeAvatar(me()));
openPicturesOf(byId('conversation'));
byId('log-out').addEventListener('click', async () => {
  try {
    await logOut();
    location.hash = '';
    startOver();
  } catch (problem) {
    byId('lobby-trouble').textContent = problemText(problem);
  }
});

function showPeople(open) {
  byId('people').classList.toggle('open', open);
  byId('people-toggle').setAttribute('aria-expanded', String(open));
}
byId('people-toggle').addEventListener('click', () => showPeople(!byId('people').classList.contains('open')));
addEventListener('keydown', ({ key: pressed }) => pressed === 'Escape' && showPeople(false));

for (const button of document.querySelectorAll('[data-language]')) {
  button.addEventListener('click', () => setLanguage(currentLanguage() === 'ko' ? 'en' : 'ko'));
}
onLanguage(drawConnection);
onOtherWindow(() => startOver());

translate();
if (me()) start();
else {
  const reason = recall('reason');
  forget('reason');
  showLogin(reason, start);
}
