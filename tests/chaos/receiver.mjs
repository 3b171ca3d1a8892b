// Somebody who listens and follows the protocol: keeps (seq, mid) of each room, comes back with it
// after a jittered pause, and reads by REST what it is told to reload. Everything that is seen goes
// into `log` in order.
import WebSocket from 'ws';
import { sleep, until } from './kit.mjs';
import { call } from './load.mjs';
import { digest } from './checker.mjs';

const PAGE = 1000;

export class Receiver {
  // at: where it connects instead of nginx, up to the path.
  constructor(stack, user, rooms, { name, jitter = 300, live = true, keep = false, at = `ws://127.0.0.1:${stack.port}` } = {}) {
    Object.assign(this, { stack, name, user: user.id, who: user, rooms, jitter, live, keep, at });
    this.log = [];
    this.state = new Map(rooms.map((room) => [room, { cursor: null, confirmed: false, loading: null, out: false }]));
    this.counts = { connections: 0, events: 0, recovered: 0, unrecovered: 0, resets: 0, reloads: 0, refusals: 0 };
    this.conn = 0;
    this.closed = false;
    this.connect();
  }

  // ---- the connection

  connect() {
    const conn = ++this.conn;
    const ws = new WebSocket(`${this.at}/app/maru?protocol=7&client=chaos&version=1`,
      { perMessageDeflate: false, handshakeTimeout: 10000 });
    this.ws = ws;
    ws.on('error', () => {});
    ws.on('message', (text) => { if (conn === this.conn && !this.closed) this.#frame(conn, JSON.parse(text)); });
    ws.on('close', (code) => { if (conn === this.conn) this.#again(conn, code); });
  }

  #again(conn, code) {
    this.log.push({ k: 'close', c: conn, code, t: performance.now() });
    this.conn++;
    this.connected = false;
    for (const state of this.state.values()) state.confirmed = false;
    if (!this.closed) setTimeout(() => { if (!this.closed) this.connect(); }, Math.random() * this.jitter);
  }

  close() {
    this.closed = true;
    this.ws.terminate();
  }

  // Away for a while, as a phone in a tunnel; come() ends it.
  leave() {
    this.closed = true;
    this.ws.terminate();
    this.log.push({ k: 'close', c: this.conn, code: 0, t: performance.now() });
    this.conn++;
    for (const state of this.state.values()) state.confirmed = false;
  }

  come() {
    this.closed = false;
    this.connect();
  }

  ready(ms = 15000) {
    return until(() => this.rooms.every((room) => this.state.get(room).confirmed || this.state.get(room).out), ms,
      `${this.name} to be subscribed`);
  }

  isAt(head) {
    return this.rooms.every((room) => {
      const state = this.state.get(room);
      return state.out || (state.confirmed && !state.loading && state.cursor?.seq === head.get(room));
    });
  }

  // ---- frames

  #frame(conn, { event, channel, data }) {
    const room = channel?.startsWith('presence-room-') ? Number(channel.slice(14)) : undefined;
    const value = typeof data === 'string' ? JSON.parse(data) : data;
    switch (event) {
      case 'pusher:connection_established':
        this.counts.connections++;
        this.socketId = value.socket_id;
        this.connected = true;
        this.#subscribe(conn, this.rooms.filter((id) => !this.state.get(id).out));
        return;
      case 'pusher:ping': this.ws.send('{"event":"pusher:pong","data":{}}'); return;
      case 'pusher_internal:subscription_succeeded': this.#confirmed(conn, room, value); return;
      case 'pusher:subscription_error':
        this.counts.refusals++;
        this.log.push({ k: 'refused', c: conn, room, t: performance.now(), why: value.error });
        setTimeout(() => this.#subscribe(conn, [room]), 50 + Math.random() * 100);
        return;
      case 'pusher_internal:member_added':
      case 'pusher_internal:member_removed':
        this.log.push({ k: event.slice(16), c: conn, room, who: Number(value.user_id), t: performance.now() });
        return;
      case 'maru:reset': this.#reset(conn, room, value); return;
      case 'maru:unsubscribed':
        this.log.push({ k: 'part', c: conn, room, t: performance.now() });
        Object.assign(this.state.get(room), { confirmed: false, out: true });
        return;
      default:
        if (value?.seq !== undefined && value.mid !== undefined && room !== undefined) this.#event(conn, room, event, value);
    }
  }

  #event(conn, room, type, data) {
    this.counts.events++;
    this.log.push({ k: 'event', c: conn, room, seq: data.seq, mid: data.mid, digest: digest(type, data), t: performance.now(),
      ...(this.keep ? { type, data } : {}) });
    const state = this.state.get(room);
    // While something before it is being read, the cursor stays: if the connection ends now, all is asked for again.
    if (state.loading) state.loading.last = { seq: data.seq, mid: data.mid };
    else state.cursor = { seq: data.seq, mid: data.mid };
  }

  async #subscribe(conn, rooms) {
    while (conn === this.conn && !this.closed && rooms.length > 0) {
      const names = rooms.map((room) => `presence-room-${room}`);
      const { status, body } = await call(this.stack, this.who, 'POST', '/v1/realtime/auth', { socket_id: this.socketId, channels: names });
      if (conn !== this.conn || this.closed) return;
      if (status !== 200) {
        await sleep(50 + Math.random() * 150);
        continue;
      }
      for (const room of rooms) this.#ask(room, body.channels[`presence-room-${room}`]);
      return;
    }
  }

  #ask(room, grant) {
    const state = this.state.get(room);
    if (grant.auth === undefined) {
      this.log.push({ k: 'denied', room, status: grant.status, t: performance.now() });
      state.out = true;
      return;
    }
    state.asked = state.cursor;
    const after = state.cursor ? { after: state.cursor } : {};
    this.ws.send(JSON.stringify({ event: 'pusher:subscribe', data: { channel: `presence-room-${room}`, ...grant, ...after } }));
  }

  // Takes up a room again from which it was removed.
  rejoin(room) {
    Object.assign(this.state.get(room), { out: false, cursor: null });
    if (this.connected) this.#subscribe(this.conn, [room]);
  }

  #confirmed(conn, room, { head, mid, recovered }) {
    const state = this.state.get(room);
    const after = state.asked ?? null;
    this.log.push({ k: 'sub', c: conn, room, after, head, mid, recovered, t: performance.now() });
    state.confirmed = true;
    if (!after) this.#begin(conn, room, { seq: head, mid });
    else if (recovered) this.counts.recovered++;
    else {
      this.counts.unrecovered++;
      this.#reload(conn, room, { seq: head, mid }, false);
    }
  }

  // Without its mid a cursor can't be told from one of another history.
  async #begin(conn, room, cursor) {
    const state = this.state.get(room);
    state.cursor = cursor;
    if (cursor.mid || cursor.seq === 0) return;
    const { status, body } = await call(this.stack, this.who, 'GET', `/v1/rooms/${room}/events?after=${cursor.seq - 1}&limit=1`);
    if (conn === this.conn && status === 200 && body.events[0]?.seq === cursor.seq) cursor.mid = body.events[0].mid;
  }

  #reset(conn, room, { head }) {
    this.counts.resets++;
    this.log.push({ k: 'reset', c: conn, room, head, t: performance.now() });
    this.#reload(conn, room, { seq: head }, true);
  }

  // ---- reloading

  // Reads what is missing up to `live`, from the cursor or, if that is of another history, from the start.
  async #reload(conn, room, live, clear) {
    const state = this.state.get(room);
    const loading = { last: live };
    state.loading = loading;
    this.counts.reloads++;
    const mine = () => conn === this.conn && !this.closed && state.loading === loading;
    let from = clear ? { seq: 0 } : state.cursor;
    let events = [];
    for (let after = from; mine();) {
      const mid = after.mid ? `&mid=${after.mid}` : '';
      const { status, body } = await call(this.stack, this.who, 'GET', `/v1/rooms/${room}/events?after=${after.seq}${mid}&limit=${PAGE}`);
      if (!mine()) break;
      if (status === 409) { // another history
        clear = true;
        after = from = { seq: 0 };
        events = [];
      } else if (status === 200) {
        for (const { seq, mid: itsMid, type, data } of body.events) events.push({ seq, mid: itsMid, digest: digest(type, data) });
        if (body.events.length > 0) after = events.at(-1);
        if (after.seq >= live.seq || body.events.length === 0) {
          this.#loaded(conn, room, { clear, after: from.seq, upto: live.seq, events });
          return;
        }
      } else if (status === 403 || status === 404) break;
      else await sleep(50 + Math.random() * 150);
    }
    if (state.loading === loading) state.loading = null;
  }

  // What came live meanwhile is contiguous from the head that was told.
  #loaded(conn, room, entry) {
    const state = this.state.get(room);
    const { seq, mid } = state.loading.last;
    this.log.push({ k: 'reload', c: conn, room, ...entry, t: performance.now() });
    state.cursor = { seq, mid: mid ?? entry.events.find((event) => event.seq === seq)?.mid };
    state.loading = null;
  }
}
