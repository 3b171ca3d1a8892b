// SPDX-License-Identifier: MIT
// What the people of a room are called, and their pictures. Both come along with joins, leaves and presence;
// the first page of members is read at once, anybody else is looked up when they are asked for.
import { Emitter } from './emitter.js';
import type { Got, Rest } from './rest.js';
import type { StreamEvent } from './stream.js';
import type { PersonInfo } from './presence.js';

/** A page of members, by id. */
export type MemberPage = Got<'/v1/rooms/{room}/members'>;

interface Known { nickname: string; avatar: string; name: string; guest: boolean; seq: number }

/** The nicknames and pictures of a room's members; `named` tells the id of one that is known now, or another. */
export class Names extends Emitter<{ named: [number] }> {
  #rest: Rest; #room: number; #known = new Map<number, Known>(); #asked = new Set<number>(); #queue: number[] = []; #busy = false;

  constructor(rest: Rest, room: number) {
    super();
    this.#rest = rest;
    this.#room = room;
  }

  // learn() and hear(): the events of the room are the truth, the youngest first. Presence tells what was so when somebody
  // came; a page of members may have been read before an event that has arrived already.
  learn({ type, seq, data }: StreamEvent): void {
    if (type.startsWith('member.')) this.#take(Number(data.id), data as PersonInfo, seq);
  }

  hear(people: Map<number, PersonInfo>): void {
    for (const [id, info] of people) if (!this.#known.has(id)) this.#take(id, info, 0);
  }

  #take(id: number, { nickname, avatar, name, guest = false }: PersonInfo, seq: number): void {
    const before = this.#known.get(id);
    if (!nickname || (before?.seq ?? 0) > seq) return;
    const now = { nickname, avatar: avatar ?? before?.avatar ?? '', name: name ?? before?.name ?? '', guest, seq };
    this.#known.set(id, now);
    if (before?.nickname !== nickname || before.avatar !== now.avatar || before.guest !== guest) this.emit('named', id);
  }

  /** The picture as the server names it, '' for none. */
  avatarOf(id: number): string { return this.#known.get(id)?.avatar ?? ''; }

  /** Whether it is somebody without an account, as far as that is known. */
  isGuest(id: number): boolean { return this.#known.get(id)?.guest === true; }

  /** The nickname, or '#id' until it is known; `named` tells when. */
  of(id: number): string {
    const known = this.#known.get(id);
    if (known) return known.nickname;
    if (!this.#asked.has(id)) {
      this.#asked.add(id);
      this.#queue.push(id);
      void this.#work();
    }
    return `#${id}`;
  }

  /** Those that are known: id, login name, nickname. For completing a mention. */
  get all(): { id: number; name: string; nickname: string; avatar: string }[] {
    return [...this.#known].map(([id, { name, nickname, avatar }]) => ({ id, name, nickname, avatar }));
  }

  /** Reads the first page of members, and answers it; null if that failed. Never rejects. */
  async load(): Promise<MemberPage | null> {
    try {
      const page = await this.#rest.get('/v1/rooms/{room}/members', { room: this.#room, limit: 100 });
      for (const member of page.members) this.#take(member.id, member as PersonInfo, 0);
      return page;
    } catch {
      return null; // the names stay numbers; whoever joins or speaks is asked for again
    }
  }

  // Members are listed by id: the first one after id - 1 is the one, if they are still in the room.
  async #work(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    await Promise.resolve(); // let the whole page of messages ask first
    for (let id; (id = this.#queue.shift()) !== undefined;) {
      if (this.#known.has(id)) continue;
      try {
        const { members: [member] } = await this.#rest.get('/v1/rooms/{room}/members', { room: this.#room, cursor: String(id - 1), limit: 1 });
        if (member?.id === id) this.#take(id, member as PersonInfo, 0);
      } catch {
        this.#asked.delete(id);
      }
    }
    this.#busy = false;
  }
}
