// SPDX-License-Identifier: MIT
// What somebody wrote in a room and the server has not confirmed yet. One message at a time, so that
// they arrive in the order of writing. A message keeps its client_id through all attempts: however
// often it is sent, it is stored once.
import { post } from './api.js';
import { newId } from './id.js';
import { backoff, Nap } from './wait.js';

export class Outbox {
  // sending: under way or next; waiting: will be tried again by itself; failed: only by hand.
  items = []; // { id, body, files, at, state, problem }
  #room; #nap = new Nap(); #running = false;
  onChange = () => {};
  onSent = () => {};

  constructor(room) {
    this.#room = room;
  }

  // files: what the server answered when they were uploaded.
  add(body, files = []) {
    this.items.push({ id: newId(), body, files, at: new Date(), state: 'sending', problem: null });
    this.onChange();
    this.#run();
  }

  // By hand, or because the network seems to be back.
  retry(item) {
    if (!this.items.includes(item)) return;
    item.state = 'sending';
    this.onChange();
    this.wake();
  }

  wake() {
    this.#nap.wake();
    this.#run();
  }

  discard(item) {
    this.#remove(item);
    this.wake();
  }

  // It was seen among the room's events.
  settle(id) {
    const item = this.items.find((candidate) => candidate.id === id);
    if (!item) return;
    this.#remove(item);
    if (item.state === 'waiting') this.wake();
  }

  #remove(item) {
    this.items = this.items.filter((other) => other !== item);
    this.onChange();
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    let item;
    let attempt = 0;
    let last = null;
    while ((item = this.items.find(({ state }) => state !== 'failed'))) {
      if (item !== last) attempt = 0;
      last = item;
      const problem = await this.#send(item);
      if (problem?.passing && this.items.includes(item)) {
        item.state = 'waiting';
        this.onChange();
        await this.#nap.sleep(Math.max(problem.retryAfter, backoff(attempt++, 300)));
      }
    }
    this.#running = false;
  }

  // Sends once; resolves with the problem if there is one.
  async #send(item) {
    try {
      const attachments = item.files.map(({ id }) => id);
      const message = await post(`/v1/rooms/${this.#room}/messages`,
        { client_id: item.id, body: item.body, ...attachments.length > 0 && { attachments } });
      this.onSent(message);
      this.settle(item.id);
      return null;
    } catch (problem) {
      item.problem = problem;
      if (!problem.passing) {
        item.state = 'failed';
        this.onChange();
      }
      return problem;
    }
  }
}
