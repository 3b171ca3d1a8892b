// SPDX-License-Identifier: MIT
// Who is in a presence channel, kept from what the channel tells. More than a hundred are only counted.
import type { Data } from './transport.js';

/** What a presence channel tells of somebody. */
export interface PersonInfo { name?: string; nickname?: string; avatar?: string; guest?: boolean }
type List = { hash?: Record<string, PersonInfo>; count?: number };

/** Who is in a presence channel. */
export class Presence {
  /** By id; in a crowded channel those that were listed, at most a hundred. */
  people = new Map<number, PersonInfo>();
  /** How many are there. */
  count = 0;

  /** Takes an event of the channel; whether it changed anything. */
  take(event: string, data: Data): boolean {
    if (event === 'subscribed') return this.#all((data.presence ?? {}) as List);
    if (event === 'maru:presence') return this.#all((data.presence ?? data) as List);
    if (event === 'maru:presence_count') {
      this.count = Number(data.count);
      return true;
    }
    const id = Number(data.user_id);
    if (event === 'member_added') {
      if (!this.people.has(id)) this.count++;
      this.people.set(id, (data.user_info ?? {}) as PersonInfo);
    } else if (event === 'member_removed') {
      if (this.people.delete(id) || this.count > this.people.size) this.count--;
    } else return false;
    return true;
  }

  #all({ hash = {}, count }: List): boolean {
    this.people = new Map(Object.entries(hash).map(([id, info]) => [Number(id), info]));
    this.count = count ?? this.people.size;
    return true;
  }

  /** Without a connection nobody knows. */
  clear(): void { this.#all({}); }

  /** As a subscription would tell it. */
  get snapshot(): Data {
    return { presence: { count: this.count, hash: Object.fromEntries(this.people) } };
  }
}
