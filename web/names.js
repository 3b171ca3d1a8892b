// SPDX-License-Identifier: MIT
// What the people of a room are called. Names come along with joins, leaves and presence; the first page
// of members is read at once, anybody else is looked up when a message of theirs is shown.
import { get } from './api.js';

export class Names {
  #room; #known = new Map(); #asked = new Set(); #queue = []; #busy = false;
  onName = () => {};

  constructor(room) {
    this.#room = room;
  }

  learn(id, nickname) {
    id = Number(id);
    if (!nickname || this.#known.get(id) === nickname) return;
    this.#known.set(id, nickname);
    this.onName(id);
  }

  // The name, or '#id' until it is known.
  of(id) {
    id = Number(id);
    const name = this.#known.get(id);
    if (name !== undefined) return name;
    if (!this.#asked.has(id)) {
      this.#asked.add(id);
      this.#queue.push(id);
      this.#work();
    }
    return `#${id}`;
  }

  async load() {
    try {
      const { members } = await get(`/v1/rooms/${this.#room}/members?limit=100`);
      for (const { id, nickname } of members) this.learn(id, nickname);
    } catch { /* the names stay numbers; whoever joins or speaks is asked for again */ }
  }

  // Members are listed by id: the first one after id - 1 is the one, if they are still in the room.
  async #work() {
    if (this.#busy) return;
    this.#busy = true;
    await Promise.resolve(); // let the whole page of messages ask first
    for (let id; (id = this.#queue.shift()) !== undefined;) {
      if (this.#known.has(id)) continue;
      try {
        const { members } = await get(`/v1/rooms/${this.#room}/members?cursor=${id - 1}&limit=1`);
        if (members[0]?.id === id) this.learn(id, members[0].nickname);
      } catch {
        this.#asked.delete(id);
      }
    }
    this.#busy = false;
  }
}
