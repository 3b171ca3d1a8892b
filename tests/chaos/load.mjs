// Those who send and those who listen, and the record of what they saw (see checker.mjs).
//
//   const load = new Load(stack, { users, rooms });
//   load.listen(user, rooms);            // a receiver that follows the protocol
//   load.run(300);                       // messages per second, until stop()
//   await load.stop(); await load.converged(2000);
//   const report = check(load.history(), await readRows(stack, rooms));
import { Agent, request } from 'node:http';
import { heads, sleep } from './kit.mjs';
import { digest } from './checker.mjs';
import { Receiver } from './receiver.mjs';

const IN_FLIGHT = 250;
const PATIENCE_MS = 60000; // nginx answers long before that
const RETRY_MS = 150;

const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT + 50 });

// One request; status 0: no answer. Resolves with { status, body, ms, retryAfter }.
export function call(stack, user, method, path, body, patience = PATIENCE_MS) {
  return new Promise((resolve) => {
    const start = performance.now();
    const text = body === undefined ? undefined : JSON.stringify(body);
    const done = (status, answer, headers = {}) => resolve({ status, body: answer, ms: performance.now() - start, headers });
    const req = request({ agent, host: '127.0.0.1', port: stack.port, method, path, timeout: patience,
      headers: { Authorization: `Bearer ${user.token}`,
        ...(text === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }) },
    }, (res) => {
      const chunks = [];
      res.on('data', (data) => chunks.push(data));
      res.on('error', () => done(0, null));
      res.on('end', () => {
        let json = null;
        try { json = JSON.parse(Buffer.concat(chunks)); } catch { /* none */ }
        done(res.complete ? res.statusCode : 0, json, res.headers);
      });
    });
    req.on('timeout', () => req.destroy());
    req.on('error', () => done(0, null));
    req.end(text);
  });
}

let lastMessage = 0;

export class Load {
  constructor(stack, { users, rooms, receivers = {}, patience = PATIENCE_MS }) {
    Object.assign(this, { stack, users, rooms, options: receivers, patience });
    this.acks = [];
    this.attempts = [];
    this.receivers = [];
    this.removals = [];
    this.answers = []; // every answer to a POST: { status, ms, at }
    this.pending = new Set();
    this.refused = 0;
    this.stopped = true;
  }

  listen(user, rooms = this.rooms, options = {}) {
    const receiver = new Receiver(this.stack, user, rooms, { name: `r${this.receivers.length}`, ...this.options, ...options });
    this.receivers.push(receiver);
    return receiver;
  }

  ready(ms = 15000) { return Promise.all(this.receivers.map((receiver) => receiver.ready(ms))); }

  // Sends one message until it is accepted or refused for good, and `again` so many times more. Resolves
  // with the last ack, or null.
  async send(user, room, { again = 0, give_up = Infinity } = {}) {
    const client_id = `m${++lastMessage}`;
    const body = `message ${lastMessage} of ${user.id} ${'.'.repeat(lastMessage % 180)}`;
    const attempt = { room, sender: user.id, client_id, digest: digest('message.created', { sender: user.id, client_id, body }) };
    // An attempt whose answer was lost may be the one that was stored: it all began with the first.
    const began = performance.now();
    this.attempts.push(attempt);
    for (;;) {
      const start = performance.now();
      const { status, body: answer, ms } = await call(this.stack, user, 'POST', `/v1/rooms/${room}/messages`, { client_id, body }, this.patience);
      this.answers.push({ status, ms, at: start });
      if (status === 201) {
        const ack = { ...attempt, seq: answer.seq, mid: answer.mid, start: began, end: performance.now() };
        if (digest('message.created', answer) !== attempt.digest) throw new Error(`201 with another message: ${JSON.stringify(answer)}`);
        this.acks.push(ack);
        if (again-- <= 0) return ack;
      } else if (status >= 400 && status < 500 && status !== 429) {
        this.refused++;
        return null;
      } else if (performance.now() > give_up) return null;
      else await sleep(RETRY_MS * (0.5 + Math.random()));
    }
  }

  #track(promise) {
    this.pending.add(promise);
    promise.catch((error) => { this.failed ??= error; }).finally(() => this.pending.delete(promise));
  }

  // So many messages per second, whatever the answers do, up to IN_FLIGHT at a time.
  run(rate) {
    let due = 0;
    let last = performance.now();
    let n = 0;
    this.stopped = false;
    this.timer = setInterval(() => {
      const now = performance.now();
      due = Math.min(due + (now - last) / 1000 * rate, rate / 5);
      last = now;
      for (; due >= 1; due--) {
        if (this.pending.size >= IN_FLIGHT) return;
        const user = this.users[n % this.users.length];
        this.#track(this.send(user, this.rooms[Math.floor(Math.random() * this.rooms.length)]));
        n++;
      }
    }, 5);
  }

  // No new messages; resolves when those under way were accepted.
  async stop() {
    clearInterval(this.timer);
    this.stopped = true;
    while (this.pending.size > 0) await Promise.race(this.pending);
    if (this.failed) throw this.failed;
  }

  // Milliseconds until every receiver is at the head of its rooms; Infinity if that takes longer.
  async converged(ms, since = performance.now()) {
    let head = await heads(this.stack, this.rooms);
    for (let next = performance.now() + 1000; performance.now() - since <= ms;) {
      if (this.receivers.every((receiver) => !receiver.live || receiver.isAt(head))) return performance.now() - since;
      await sleep(10);
      if (performance.now() > next) {
        head = await heads(this.stack, this.rooms);
        next += 1000;
      }
    }
    return Infinity;
  }

  history() {
    const { acks, attempts, receivers, removals } = this;
    return { acks, attempts, receivers, removals };
  }

  sum(what) { return this.receivers.reduce((n, receiver) => n + receiver.counts[what], 0); }

  close() {
    clearInterval(this.timer);
    for (const receiver of this.receivers) receiver.close();
  }
}
