// SPDX-License-Identifier: MIT
// The lists of rooms: my rooms and all rooms, page by page, kept up to date by the channels lobby and
// private-user-<id>. They tell nothing of what was missed, so after a loss the lists are read again.
import { get } from './api.js';
import { avatar } from './avatar.js';
import { askToJoin, createRoom, join } from './dialogs.js';
import { byId, el, icon } from './dom.js';
import { onLanguage, t } from './i18n.js';
import { problemText } from './problem.js';
import { keepMe } from './session.js';

export const roomPath = (id) => `#/rooms/${id}`;

// A direct room is called after who is at its other end.
export const roomTitle = (room) => room.title || room.partner?.nickname || t('nobodyElse');
export const roomEmblem = (room) => room.cover || room.partner?.avatar || '';

function roomItem(room, current, enter) {
  const about = [t('members', { n: room.member_count }), room.description].filter(Boolean).join(' · ');
  const lock = room.locked ? el('span', { class: 'lock', role: 'img', 'aria-label': t('locked'), title: t('locked') }, icon('lock')) : null;
  const link = el('a', {
    href: roomPath(room.id),
    'aria-current': room.id === current ? 'page' : null,
    onclick: (event) => {
      if (room.joined || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      enter(room);
    },
  }, avatar(room.id, roomTitle(room), { emblem: roomEmblem(room), square: true }),
  el('span', { class: 'text' },
    el('span', { class: 'title' }, el('bdi', {}, roomTitle(room)), lock),
    el('span', { class: 'about', dir: 'auto' }, about)));
  if (!room.joined) link.append(el('span', { class: 'enter' }, t('join')));
  return el('li', { 'data-room': room.id }, link);
}

class RoomList {
  rooms = []; #next = null; #path; #list; #more; #empty; #lobby;

  constructor(path, name, lobby) {
    this.#path = path;
    this.#lobby = lobby;
    [this.#list, this.#more, this.#empty] = [byId(name), byId(`${name}-more`), byId(`${name}-empty`)];
    this.#more.addEventListener('click', () => this.load(this.#next));
  }

  async load(cursor = null) {
    const { rooms, next } = await get(cursor === null ? this.#path : `${this.#path}?cursor=${cursor}`);
    if (cursor === null) this.rooms = [];
    for (const room of rooms) if (!this.rooms.some(({ id }) => id === room.id)) this.rooms.push(room);
    this.#next = next;
    this.draw();
  }

  put(room) {
    const known = this.rooms.find(({ id }) => id === room.id);
    if (known) Object.assign(known, room);
    else this.rooms.push(room);
    this.rooms.sort((a, b) => b.id - a.id);
    this.draw();
  }

  remove(id) {
    this.rooms = this.rooms.filter((room) => room.id !== id);
    this.draw();
  }

  draw() {
    const focused = document.activeElement?.closest('li')?.dataset.room;
    this.#list.replaceChildren(...this.rooms.map((room) =>
      roomItem(room, this.#lobby.current, (wanted) => this.#lobby.enter(wanted))));
    if (focused) this.#list.querySelector(`[data-room="${focused}"] a`)?.focus();
    this.#more.hidden = this.#next === null;
    this.#empty.hidden = this.rooms.length > 0;
  }
}

export class Lobby {
  current = 0; #mine; #all; #loaded = false;

  constructor(socket, me) {
    this.#mine = new RoomList('/v1/users/me/rooms', 'mine', this);
    this.#all = new RoomList('/v1/rooms', 'all', this);
    byId('new-room').addEventListener('click', () => this.#create());
    for (const tab of ['mine', 'all']) byId(`tab-${tab}`).addEventListener('click', () => this.#show(tab));
    byId('tabs').addEventListener('keydown', ({ key }) => {
      if (key === 'ArrowLeft' || key === 'ArrowRight') this.#show(byId('panel-mine').hidden ? 'mine' : 'all', true);
    });
    onLanguage(() => this.draw());
    socket.subscribe('lobby', (event, data) => this.#inLobby(event, data));
    socket.subscribe(`private-user-${me.id}`, (event, data) => this.#ofMine(event, data));
    this.#load();
  }

  draw() {
    this.#mine.draw();
    this.#all.draw();
  }

  // Marks the open room.
  select(id) {
    this.current = id;
    this.draw();
  }

  // The open room knows better than the lists.
  update(room) {
    for (const list of [this.#all, this.#mine]) {
      if (list.rooms.some(({ id }) => id === room.id)) list.put(room);
    }
  }

  // A click on a room that is not joined yet.
  async enter(room) {
    this.#trouble(null);
    try {
      if (!(room.locked ? await askToJoin(room) : await join(room))) return;
      if (location.hash === roomPath(room.id)) dispatchEvent(new Event('hashchange')); // removed from the open one, and back
      location.hash = roomPath(room.id);
    } catch (problem) {
      this.#trouble(problem);
    }
  }

  async #create() {
    const room = await createRoom();
    if (!room) return;
    this.#mine.put(room);
    this.#show('mine');
    location.hash = roomPath(room.id);
  }

  async #load() {
    try {
      await Promise.all([this.#mine.load(), this.#all.load()]);
      if (!this.#loaded && this.#mine.rooms.length === 0) this.#show('all');
      this.#loaded = true;
      this.#trouble(null);
    } catch (problem) {
      if (problem.status !== 401) this.#trouble(problem);
    }
  }

  #show(tab, focus = false) {
    for (const name of ['mine', 'all']) {
      byId(`panel-${name}`).hidden = name !== tab;
      byId(`tab-${name}`).setAttribute('aria-selected', String(name === tab));
      byId(`tab-${name}`).tabIndex = name === tab ? 0 : -1;
    }
    if (focus) byId(`tab-${tab}`).focus();
  }

  #trouble(problem) {
    byId('lobby-trouble').textContent = problem ? problemText(problem) : '';
  }

  #inLobby(event, room) {
    if (event === 'subscribed') this.#load();
    else if (event === 'room.deleted') this.#all.remove(room.id); // or hidden: who is in it is told by room.removed
    else if (event === 'room.created') this.#all.put({ joined: this.#isMine(room.id), ...room });
    else if (event === 'room.updated') this.update(room);
  }

  #isMine(id) {
    return this.#mine.rooms.some((room) => room.id === id);
  }

  #ofMine(event, room) {
    if (event === 'user.updated') keepMe(room);
    if (event !== 'room.added' && event !== 'room.removed') return;
    const joined = event === 'room.added';
    if (joined) this.#mine.put({ ...room, joined });
    else this.#mine.remove(room.id);
    const listed = this.#all.rooms.find(({ id }) => id === room.id);
    if (listed) this.#all.put({ ...listed, ...room, joined });
  }
}
