// SPDX-License-Identifier: MIT
// What the people of a room are called, and their pictures. Both come along with joins, leaves and
// presence; the first page of members is read at once, anybody else is looked up when a message of
// theirs is shown.
import { get } from './api.js';

export class Names {
  #room; #known = new Map(); #asked = new Set(); #queue = []; #busy = false;
  onName = () => {};

  constructor(room) {
    this.#room = room;
  }

  // The events of the room are the truth, the youngest first. Presence tells what was so when somebody
  // came; a page of members may have been read before an event that has arrived already.
  learn({ id, nickname, avatar }, seq) { this.#take(id, nickname, avatar, seq); }
  hear(id, info) { if (!this.#known.has(Number(id))) this.#take(id, info?.nickname, info?.avatar, 0); }
  #read({ id, nickname, avatar }) { this.#take(id, nickname, avatar, 0); }

  #take(id, nickname, avatar, seq) {
    id = Number(id);
    const before = this.#known.get(id);
    if (!nickname || before?.seq > seq) return;
    const emblem = avatar ?? before?.emblem ?? '';
    this.#known.set(id, { nickname, emblem, seq });
    if (before?.nickname !== nickname || before.emblem !== emblem) this.onName(id);
  }

  // The picture as the server names it, '' for none.
  emblemOf(id) { return this.#known.get(Number(id))?.emblem ?? ''; }

  // The name, or '#id' until it is known.
  of(id) {
    id = Number(id);
    const known = this.#known.get(id);
    if (known) return known.nickname;
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
      for (const member of members) this.#read(member);
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
        if (members[0]?.id === id) this.#read(members[0]);
      } catch {
        this.#asked.delete(id);
      }
    }
    this.#busy = false;
  }
}
