// SPDX-License-Identifier: MIT
// The members of the open room with their roles, as far as they were read, kept up to date by its events.
// The first page is read with the room: who speaks and who is here stand on it, or near it.
import { computed, signal } from '@preact/signals';
import type { Member, MemberPage, StreamEvent } from 'maru-client';
import { me, rest } from '../maru';

const PAGE = 100;
export const MOST = 2000; // more are not read for a search

export class Members {
  readonly list = signal<ReadonlyMap<number, Member>>(new Map());
  /** Whether there are pages that were not read. */
  readonly hasMore = signal(true);
  readonly mine = computed(() => this.list.value.get(me.value?.id ?? 0));
  // Of these an event has told, which a page that was on its way may not know.
  #heard = new Set<number>();
  #room: number; #next = 0; #loading: Promise<void> | null = null;

  constructor(room: number) { this.#room = room; }

  /** The first page, and oneself. first: that page, if it is being read already. */
  async open(first: Promise<MemberPage | null> | null = null): Promise<void> {
    this.#next = 0;
    this.#heard.clear();
    this.hasMore.value = true;
    const page = await first;
    if (page) this.#add(page);
    else await this.more();
    const id = me.value?.id ?? 0;
    if (this.list.value.has(id)) return;
    const { members } = await rest.get('/v1/rooms/{room}/members', { room: this.#room, cursor: String(id - 1), limit: 1 });
    if (members[0]?.id === id) this.#take(members);
  }

  /** The next page. Rejects with a Problem. */
  more(): Promise<void> {
    if (!this.hasMore.value) return Promise.resolve();
    this.#loading ??= this.#page().finally(() => { this.#loading = null; });
    return this.#loading;
  }

  async all(): Promise<void> {
    while (this.hasMore.value && this.list.value.size < MOST) await this.more();
  }

  async #page(): Promise<void> {
    this.#add(await rest.get('/v1/rooms/{room}/members', { room: this.#room, limit: PAGE, ...this.#next > 0 && { cursor: String(this.#next) } }));
  }

  #add({ members, next }: MemberPage): void {
    this.#take(members);
    this.hasMore.value = next !== null;
    this.#next = Number(next ?? 0);
  }

  #take(members: readonly Member[]): void {
    const now = new Map(this.list.value);
    for (const member of members) if (!this.#heard.has(member.id)) now.set(member.id, member);
    this.list.value = now;
  }

  learn({ type, data }: StreamEvent): void {
    if (!type.startsWith('member.') || type === 'member.unbanned') return;
    const id = Number(data.id);
    const now = new Map(this.list.value);
    this.#heard.add(id);
    if (type === 'member.joined' || type === 'member.updated') now.set(id, data as unknown as Member);
    else now.delete(id);
    this.list.value = now;
  }
}
