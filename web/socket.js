// SPDX-License-Identifier: MIT
// The websocket: Pusher Channels, protocol 7. Keeps the connection, and on it the subscriptions that
// were asked for; after a loss it connects and subscribes again. It may lose events meanwhile: who
// subscribes asks for what is missing each time 'subscribed' comes.
//
// A channel's handler is called with (event, data): the events of the channel, presence, and
//   subscribed  data as in pusher_internal:subscription_succeeded
//   refused     { status }: this subscription will not come about
import { backoff } from './wait.js';

const PONG_WAIT = 30000;
const HELLO_WAIT = 15000;
const SUBSCRIBE_TRIES = 3;

const parse = (data) => (typeof data === 'string' ? JSON.parse(data || '{}') : data ?? {});

export class Socket {
  #url; #authorize; #onState;
  #ws = null; #id = ''; #channels = new Map();
  #attempt = 0; #timer = 0; #watch = 0; #silence = 120000; #code = 0;
  state = 'stopped'; // stopped, connecting, connected, waiting, ended

  // authorize(socketId, names) resolves with { name: { auth, channel_data } or { status, error } }.
  constructor(url, authorize, onState) {
    this.#url = url;
    this.#authorize = authorize;
    this.#onState = onState;
  }

  start() {
    if (this.#ws) return;
    clearTimeout(this.#timer);
    this.#code = 0;
    this.#set('connecting');
    const ws = this.#ws = new WebSocket(this.#url);
    ws.onmessage = ({ data }) => this.#ws === ws && this.#receive(data);
    ws.onclose = ({ code }) => this.#ws === ws && this.#lost(code);
    this.#expect(HELLO_WAIT);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#drop();
    this.#set('stopped');
  }

  // The network may be back: do not wait any longer.
  wake() {
    if (this.state === 'waiting') this.start();
    else if (this.state === 'connected') this.#ping();
  }

  subscribe(name, handler) {
    this.#channels.set(name, { handler, tries: 0 });
    if (this.state === 'connected') this.#join([name]);
  }

  unsubscribe(name) {
    this.#channels.delete(name);
    if (this.state === 'connected') this.#say('pusher:unsubscribe', { channel: name });
  }

  #set(state, more = {}) {
    this.state = state;
    this.#onState(state, more);
  }

  #say(event, data) {
    if (this.#ws?.readyState === WebSocket.OPEN) this.#ws.send(JSON.stringify({ event, data }));
  }

  // ---- the connection

  #drop() {
    clearTimeout(this.#watch);
    const ws = this.#ws;
    this.#ws = null;
    ws?.close();
  }

  #lost(closeCode) {
    const code = closeCode >= 4000 ? closeCode : this.#code || closeCode;
    const first = this.#attempt === 0;
    this.#drop();
    if (code >= 4000 && code < 4100) {
      this.#set('ended', { code });
      return;
    }
    // 4200 to 4299 ask us back at once, but not again and again.
    let ms = backoff(this.#attempt, code >= 4100 && code < 4200 ? 1000 : 0);
    if (code >= 4200 && code < 4300 && first) ms = 0;
    this.#attempt++;
    this.#set('waiting', { ms });
    this.#timer = setTimeout(() => this.start(), ms);
  }

  // If nothing is heard for so long, the connection is dead.
  #expect(ms) {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#lost(0), ms);
  }

  #ping() {
    this.#say('pusher:ping', {});
    this.#expect(PONG_WAIT);
  }

  #heard() {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#ping(), this.#silence);
  }

  #receive(text) {
    const { event, channel, data } = JSON.parse(text);
    this.#heard();
    if (channel) this.#deliver(channel, event, parse(data));
    else if (event === 'pusher:connection_established') this.#established(parse(data));
    else if (event === 'pusher:ping') this.#say('pusher:pong', {});
    else if (event === 'pusher:error') this.#code = parse(data).code ?? this.#code;
  }

  #established({ socket_id: id, activity_timeout: seconds }) {
    this.#id = id;
    this.#silence = Math.min(seconds || 120, 120) * 1000;
    this.#heard();
    this.#set('connected');
    this.#join([...this.#channels.keys()]);
  }

  // ---- the channels

  #deliver(channel, event, data) {
    const entry = this.#channels.get(channel);
    if (!entry) return;
    if (event === 'pusher:subscription_error') {
      this.#again(channel, entry, data.status);
      return;
    }
    if (event === 'pusher_internal:subscription_succeeded') {
      this.#attempt = entry.tries = 0;
      event = 'subscribed';
    }
    entry.handler(event.replace('pusher_internal:', ''), data);
  }

  async #join(names) {
    const ws = this.#ws;
    const wanted = new Map(names.map((name) => [name, this.#channels.get(name)]));
    const guarded = names.filter((name) => /^(private|presence)-/.test(name));
    let grants = {};
    try {
      if (guarded.length > 0) grants = await this.#authorize(this.#id, guarded);
    } catch (problem) {
      for (const name of guarded) grants[name] = { error: true, status: problem.passing ? 0 : problem.status };
    }
    for (const [channel, entry] of wanted) {
      if (this.#ws !== ws || this.#channels.get(channel) !== entry) continue;
      const grant = grants[channel] ?? {};
      if (grant.error === undefined) this.#say('pusher:subscribe', { channel, ...grant });
      else if (grant.status === 0) this.#again(channel, entry, 0);
      else entry.handler('refused', { status: grant.status });
    }
  }

  // A signature may have been too old, or the API away for a moment.
  #again(channel, entry, status) {
    const ws = this.#ws;
    if (status !== 0 && entry.tries >= SUBSCRIBE_TRIES) {
      entry.handler('refused', { status });
      return;
    }
    setTimeout(() => {
      if (this.#ws === ws && this.#channels.get(channel) === entry) this.#join([channel]);
    }, backoff(entry.tries++, 200));
  }
}
