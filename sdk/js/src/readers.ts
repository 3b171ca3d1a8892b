// SPDX-License-Identifier: MIT
// How many members have not read each message, kept from one list of cursors and what is heard after it:
// the rules stand at GET /v1/rooms/{room}/read-cursors.
import type { Rest } from './rest.js';
import type { StreamEvent } from './stream.js';
import type { Data } from './transport.js';

const GONE = ['member.left', 'member.kicked', 'member.banned'];

/** The read cursors of a room, and the number of those who have not read a message. */
export class Readers {
  #rest: Rest; #room: number;
  #members = new Map<number, { counts: boolean; at: number }>(); // whether they count, as of which seq
  #cursors = new Map<number, number>();
  #sorted: { id: number; seq: number }[] | null = null;

  constructor(rest: Rest, room: number) {
    this.#rest = rest;
    this.#room = room;
  }

  /** Asks for all cursors, after the channel was subscribed. Rejects with a Problem. */
  async load(): Promise<void> {
    for (let from: number | null = 0; from !== null;) {
      const page: { cursors: { user: number; seq: number }[]; head: number; next: number | null } =
        await this.#rest.get('/v1/rooms/{room}/read-cursors', { room: this.#room, cursor: String(from) });
      const listed = new Set(page.cursors.map(({ user }) => user));
      for (const id of this.#members.keys()) {
        if (id > from && id <= (page.next ?? Infinity) && !listed.has(id)) this.#count(id, false, page.head);
      }
      for (const { user, seq } of page.cursors) {
        this.#count(user, true, page.head);
        this.#move(user, seq);
      }
      from = page.next;
    }
  }

  #count(id: number, counts: boolean, at: number): void {
    if ((this.#members.get(id)?.at ?? -1) <= at) this.#members.set(id, { counts, at });
    this.#sorted = null;
  }

  #move(user: number, seq: number): void {
    this.#cursors.set(user, Math.max(seq, this.#cursors.get(user) ?? 0));
    this.#sorted = null;
  }

  /** Takes what is heard on the room's channel; whether it was maru:read. */
  hear(event: string, data: Data): boolean {
    if (event !== 'maru:read') return false;
    for (const { seq, users } of data.cursors as { seq: number; users: number[] }[]) for (const user of users) this.#move(user, seq);
    return true;
  }

  /** Takes an event of the room, in the order of seq. */
  apply({ type, seq, data }: StreamEvent): void {
    if (!type.startsWith('member.')) return;
    const id = Number(data.id);
    if (type === 'member.joined') this.#move(id, seq);
    if (type === 'member.joined' || type === 'member.updated') this.#count(id, data.receipts === undefined && !data.bot, seq);
    if (GONE.includes(type)) this.#count(id, false, seq);
  }

  /** Up to where somebody has read, 0 if it is not known. */
  cursorOf(user: number): number { return this.#cursors.get(user) ?? 0; }

  /** How many have not read this message, its sender left out. */
  unread({ seq, sender }: { seq: number; sender: number }): number {
    this.#sorted ??= [...this.#members].filter(([, { counts }]) => counts)
      .map(([id]) => ({ id, seq: this.cursorOf(id) })).sort((a, b) => a.seq - b.seq);
    let low = 0;
    for (let high = this.#sorted.length; low < high;) {
      const middle = (low + high) >> 1;
      if (this.#sorted[middle]!.seq < seq) low = middle + 1;
      else high = middle;
    }
    const own = this.#members.get(sender)?.counts && this.cursorOf(sender) < seq ? 1 : 0;
    return low - own;
  }
}
