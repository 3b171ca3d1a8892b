// SPDX-License-Identifier: MIT
// One open room: ties its stream of events, the outbox, the conversation on the screen and the presence
// channel together. Closed when another room is opened; only the outbox lives on and goes on sending.
import { del, get } from './api.js';
import { avatar } from './avatar.js';
import { Composer } from './composer.js';
import { confirmed, removePerson } from './dialogs.js';
import { byId, icon } from './dom.js';
import { onLanguage, t } from './i18n.js';
import { roomEmblem, roomTitle } from './lobby.js';
import { Log } from './log.js';
import { Names } from './names.js';
import { Outbox } from './outbox.js';
import { People } from './people.js';
import { changeCover } from './picture.js';
import { problemText } from './problem.js';
import { Stream } from './stream.js';

const POLL = 10000; // without a websocket, ask this often
const outboxes = new Map();

// The network may be back: whatever waits is sent now.
export function wakeOutboxes() {
  for (const outbox of outboxes.values()) outbox.wake();
}

const asEvent = (type, data) => ({ seq: data.seq, mid: data.mid, type, data });
export class Room {
  #room; #socket; #me; #channel; #onRoom; #cleanup = new AbortController();
  #names; #people; #log; #stream; #outbox; #composer; #timer; #offLanguage;

  // room: as GET /v1/rooms/{id} answers, joined. onRoom(room) is told when it has changed.
  constructor(room, { me, socket, onRoom }) {
    this.#room = room;
    this.#onRoom = onRoom;
    this.#me = me.id;
    this.#socket = socket;
    this.#channel = `presence-room-${room.id}`;
    this.#showHead();
    this.#showPeople();
    this.#showLog();
    this.#composer = new Composer(room.id, (body, files) => {
      if (!this.#cleanup.signal.aborted) this.#log.toEnd();
      this.#outbox.add(body, files);
    });
    const { signal } = this.#cleanup;
    byId('leave').addEventListener('click', () => this.#leave(), { signal });
    byId('room-cover').addEventListener('click', () => this.#changeCover(), { signal });
    this.#offLanguage = onLanguage(() => this.#redraw());
    this.#timer = setInterval(() => {
      if (socket.state !== 'connected') this.#stream.catchUp();
    }, POLL);
    socket.subscribe(this.#channel, (event, data) => this.#receive(event, data));
    this.#stream.catchUp().then(() => this.#fill());
    this.#names.load();
  }

  get id() { return this.#room.id; }
  close() {
    clearInterval(this.#timer);
    this.#cleanup.abort();
    this.#offLanguage();
    this.#socket.unsubscribe(this.#channel);
    this.#stream.close();
    this.#outbox.onChange = this.#outbox.onSent = () => {};
    if (this.#outbox.items.length === 0) outboxes.delete(this.id);
    this.#composer.close();
    this.#log.close();
    this.#people.close();
    this.#trouble('');
    delete byId('room').dataset.room;
  }

  // The connection was lost: nobody knows who is here.
  disconnected() { this.#people.unknown(); }

  // ---- set-up

  #showPeople() {
    this.#names = new Names(this.id);
    this.#people = new People({
      me: this.#me,
      names: this.#names,
      canRemove: () => this.#room.host === this.#me,
      remove: (id, name) => removePerson(this.id, id, name),
    });
    this.#names.onName = (id) => {
      this.#log?.rename(id);
      this.#people.renamed();
    };
  }

  #showLog() {
    const older = () => this.#older();
    this.#log = new Log({ me: this.#me, names: this.#names, wantOlder: older });
    this.#stream = new Stream(
      (after, limit) => get(`/v1/rooms/${this.id}/events?after=${after}&limit=${limit}`),
      {
        events: (events) => this.#arrived(events),
        older: (events) => this.#log.prepend(events.map((event) => this.#learn(event)), this.#stream.hasOlder),
        reset: () => this.#log.clear(),
        trouble: (problem) => this.#trouble(problem ? t('catchUpFailed') : ''),
        lost: (problem) => this.#lost(problem.status === 403 ? t('removed') : problemText(problem)),
      });
    if (!outboxes.has(this.id)) outboxes.set(this.id, new Outbox(this.id));
    this.#outbox = outboxes.get(this.id);
    const act = {
      retry: (item) => this.#outbox.retry(item),
      discard: (item) => this.#outbox.discard(item),
    };
    this.#outbox.onChange = () => this.#log.setPending(this.#outbox.items, act);
    this.#outbox.onSent = (message) => this.#stream.push(asEvent('message.created', message));
    this.#outbox.onChange();
  }

  #showHead() {
    const { description, locked, member_count: n, host } = this.#room;
    const title = roomTitle(this.#room);
    const cover = byId('room-cover');
    cover.replaceChildren(avatar(this.id, title, { emblem: roomEmblem(this.#room), square: true }));
    cover.disabled = host !== this.#me;
    cover.title = cover.disabled ? '' : t('changeCover');
    cover.setAttribute('aria-label', t('changeCover'));
    byId('room-title').replaceChildren(title, ...(locked ? [icon('lock')] : []));
    byId('room-about').textContent = description ? `${t('members', { n })} · ${description}` : t('members', { n });
    byId('room').dataset.room = this.id;
    document.title = `${title} · Maru`;
  }

  #redraw() {
    this.#showHead();
    this.#log.redraw();
    this.#people.draw();
    this.#composer.redraw();
    this.#outbox.onChange();
  }

  // ---- what comes in

  #receive(event, data) {
    if (event === 'subscribed') {
      this.#people.subscribed(data);
      this.#stream.catchUp();
    } else if (/^member_|^maru:presence/.test(event)) {
      this.#people[event](data);
    } else if (event === 'maru:unsubscribed') {
      this.#lost(t('removed'));
    } else if (event === 'refused') {
      if (data.status === 403 || data.status === 404) this.#stream.catchUp();
    } else if (data.seq) {
      this.#stream.push(asEvent(event, data));
    }
  }

  #learn(event) {
    if (event.type.startsWith('member.')) this.#names.learn(event.data, event.seq);
    return event;
  }

  #arrived(events) {
    for (const event of events) this.#learn(event);
    this.#log.append(events);
    this.#log.setOlder(this.#stream.hasOlder);
    for (const { type, data } of events) {
      if (type === 'message.created' && data.sender === this.#me) this.#outbox.settle(data.client_id);
      else if (type === 'message.updated' || type === 'message.deleted') this.#log.change(data.message);
      else if (type === 'room.updated') this.#changed(data);
      else if (type.startsWith('member.')) this.#recount();
      else if (type === 'room.deleted') this.#lost('');
    }
  }

  async #changeCover() {
    await changeCover(this.#room, (room) => this.#changed(room));
  }

  #changed(room) {
    const { host } = this.#room;
    Object.assign(this.#room, room);
    this.#showHead();
    if (this.#room.host !== host) this.#people.draw();
    this.#onRoom(this.#room);
  }

  // Joins of the past are among the events too, so the number itself is asked for, now and then.
  #recount() {
    this.recounting ??= setTimeout(async () => {
      this.recounting = null;
      const room = await get(`/v1/rooms/${this.id}`).catch(() => null);
      if (room && !this.#cleanup.signal.aborted) this.#changed(room);
    }, 1000 + Math.random() * 2000);
  }

  // ---- history

  async #older() {
    try {
      await this.#stream.older();
    } catch (problem) {
      this.#trouble(problemText(problem));
    }
  }

  // The newest page may be joins and leaves only, or short on a tall screen.
  async #fill() {
    this.#log.setOlder(this.#stream.hasOlder);
    for (let i = 0; i < 5 && this.#stream.hasOlder && !this.#log.isFull; i++) await this.#older();
  }

  // ---- the end

  #trouble(text) { byId('room-trouble').textContent = text; }

  #lost(text) {
    this.isLost = true;
    this.#stream.close();
    this.#composer?.enable(false);
    if (text) this.#trouble(text);
  }

  async #leave() {
    if (!await confirmed(t('leaveAsk'), t('leave'))) return;
    try {
      await del(`/v1/rooms/${this.id}/members/me`);
      location.hash = '#/';
    } catch (problem) {
      this.#trouble(problemText(problem));
    }
  }
}
