// A client that keeps the number of unread members of each message, by the rules that the description of
// /v1/rooms/{room}/read-cursors gives: one snapshot, then what it hears. It asks again only after its connection was lost.
import WebSocket from 'ws';
import { until } from '../harness.mjs';

export const PAGE = 50;

function expect(answer, status) {
  if (answer.status !== status) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

const GONE = ['member.left', 'member.kicked', 'member.banned'];

export class NumbersClient {
  // call: (user, method, path, body) => { status, body }.
  constructor(stack, user, room, call) {
    Object.assign(this, { stack, user, room, call, channel: `presence-room-${room}` });
    this.members = new Map(); // id -> { counts, at }: whether they count, as of which seq
    this.cursors = new Map();
    this.messages = new Map(); // seq -> sender
    this.told = []; // when maru:read came
    this.own = []; // maru:read_own, { room, seq, at }
    this.connections = 0;
  }

  // Resolves once it is subscribed and has its snapshot.
  async connect() {
    const ws = new WebSocket(`ws://127.0.0.1:${this.stack.port}/app/maru?protocol=7&client=bench&version=1`, { perMessageDeflate: false });
    this.ws = ws;
    this.connections++;
    let greet;
    const greeting = new Promise((resolve) => { greet = resolve; });
    const answers = new Map();
    ws.on('error', () => {});
    ws.on('message', (text) => {
      const { event, channel, data } = JSON.parse(text);
      const value = typeof data === 'string' ? JSON.parse(data) : data;
      if (event === 'pusher:connection_established') greet(value.socket_id);
      else if (event === 'pusher:ping') ws.send('{"event":"pusher:pong","data":{}}');
      else if (event === 'pusher_internal:subscription_succeeded') answers.set(channel, value);
      else if (event === 'pusher:subscription_error') throw new Error(`${channel}: ${text}`);
      else this.#hear(channel, event, value);
    });
    const socket = await greeting;
    for (const channel of [this.channel, `private-user-${this.user.id}`]) {
      const grant = expect(await this.call(this.user, 'POST', '/v1/realtime/auth', { socket_id: socket, channel_name: channel }), 200);
      const after = channel === this.channel && this.place ? { after: this.place } : {};
      ws.send(JSON.stringify({ event: 'pusher:subscribe', data: { channel, ...grant, ...after } }));
      await until(() => answers.has(channel), 30000, `to be subscribed to ${channel}`);
    }
    if (answers.get(this.channel).recovered !== true) await this.#readPage();
    await this.#readCursors();
  }

  async reconnect() {
    this.ws.terminate();
    await this.connect();
  }

  close() { this.ws.terminate(); }

  async #readPage() {
    const { messages } = expect(await this.call(this.user, 'GET', `/v1/rooms/${this.room}/messages?limit=${PAGE}`), 200);
    for (const { seq, sender } of messages) this.messages.set(seq, sender);
  }

  async #readCursors() {
    for (let from = 0; from !== null;) {
      const { cursors, head, next } = expect(await this.call(this.user, 'GET', `/v1/rooms/${this.room}/read-cursors?cursor=${from}`), 200);
      const listed = new Set(cursors.map(({ user }) => user));
      for (const id of this.members.keys())
        if (id > from && id <= (next ?? Infinity) && !listed.has(id)) this.#count(id, false, head);
      for (const { user, seq } of cursors) {
        this.#count(user, true, head);
        this.#move(user, seq);
      }
      from = next;
    }
  }

  #count(id, counts, at) {
    if ((this.members.get(id)?.at ?? -1) <= at) this.members.set(id, { counts, at });
  }

  #move(user, seq) {
    this.cursors.set(user, Math.max(seq, this.cursors.get(user) ?? 0));
  }

  #hear(channel, event, data) {
    if (event === 'maru:read_own') this.own.push({ ...data, at: performance.now() });
    if (channel !== this.channel) return;
    if (event === 'maru:read') {
      this.told.push(performance.now());
      for (const { seq, users } of data.cursors) for (const user of users) this.#move(user, seq);
    }
    if (data?.mid === undefined || event.startsWith('maru:') || event.startsWith('pusher')) return;
    this.place = { seq: data.seq, mid: data.mid };
    if (event === 'message.created') this.messages.set(data.seq, data.sender);
    if (event === 'member.joined') this.#move(data.id, data.seq);
    if (event === 'member.joined' || event === 'member.updated') this.#count(data.id, data.receipts === undefined && !data.bot, data.seq);
    if (GONE.includes(event)) this.#count(data.id, false, data.seq);
  }

  // seq -> number, of the last page.
  numbers() {
    const page = [...this.messages.keys()].sort((a, b) => b - a).slice(0, PAGE);
    const counted = [...this.members].filter(([, { counts }]) => counts).map(([id]) => [id, this.cursors.get(id) ?? 0]);
    return new Map(page.map((seq) => [seq, counted.filter(([id, cursor]) => cursor < seq && id !== this.messages.get(seq)).length]));
  }
}
