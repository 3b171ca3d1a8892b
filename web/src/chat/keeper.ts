// SPDX-License-Identifier: MIT
// What is half written survives: a reload (on this device, at once) and the change to another device (on the
// server, a moment after the last key). What comes from another device never replaces what one is writing here.
import { effect, untracked, type Signal } from '@preact/signals';
import { Problem } from 'maru-client';
import { maru, me, rest } from '../maru';
import { store } from '../store';

const PAUSE = 1200; // milliseconds without a key; the server takes 120 changes a minute
const AGAIN = 5000;
const BUSY = 5000; // who wrote within this time is still writing

export interface Written { body: string; reply_to?: number | undefined }
export interface Keepable { readonly text: Signal<string>; readonly more: Signal<{ reply_to?: number }> }

const same = (a: Written, b: Written): boolean => a.body === b.body && a.reply_to === b.reply_to;

/** Keeps the draft of one room. */
export class Keeper {
  /** While a syllable is composed the field belongs to the keyboard. */
  composing = false;
  #room: number; #draft: Keepable;
  #saved: Written | null; // as the server has it; null: what was left in a page before may be on its way there
  #at = ''; // when that was written
  #timer: ReturnType<typeof setTimeout> | undefined; #busy = false; #typed = 0;

  constructor(room: number, draft: Keepable) {
    this.#room = room;
    this.#draft = draft;
    const kept = this.#kept();
    this.#saved = kept ? null : { body: '' };
    if (kept) this.#show(kept);
    effect(() => {
      draft.text.value;
      draft.more.value;
      untracked(() => this.#changed());
    });
    addEventListener('pagehide', () => { if (this.#isDirty) void this.#save(true); });
  }

  /** A key was pressed here. */
  typed(): void { this.#typed = Date.now(); }

  /** Another device, or this one before its reload, wrote this. */
  hear(body: string, replyTo: number | undefined, at: string): void {
    if (at <= this.#at) return; // what this device told itself
    this.#at = at;
    this.#take({ body, reply_to: replyTo });
  }

  /** Another device sent what was written then, or took it away: exactly what stands here. Or this one did, before it wrote the next. */
  gone(at: string): void { if (at >= this.#at) this.#take({ body: '' }); }

  // What the server has now, shown or soon replaced by what is here. An empty field is no draft that could be replaced: it
  // would be told as one that was taken away.
  #take(there: Written): void {
    const isBusy = there.body !== '' && this.#wanted.body !== '' && Date.now() - this.#typed < BUSY;
    const keeps = this.#isOurs || isBusy;
    this.#saved = there;
    if (keeps) this.#changed();
    else this.#show(there);
  }

  // What is here is newer, and told in a moment.
  get #isOurs(): boolean { return this.#busy || this.composing || this.#isDirty; }

  get #wanted(): Written {
    const body = this.#draft.text.peek();
    return body.trim() ? { body, reply_to: this.#draft.more.peek().reply_to } : { body: '' };
  }

  get #isDirty(): boolean { return !this.#saved || !same(this.#wanted, this.#saved); }
  get #key(): string { return `draft.${me.peek()?.id}.${this.#room}`; }

  #show({ body, reply_to }: Written): void {
    this.#draft.text.value = body;
    const { reply_to: before, ...more } = this.#draft.more.peek();
    if (before !== reply_to) this.#draft.more.value = { ...more, ...reply_to !== undefined && { reply_to } };
  }

  #kept(): Written | null {
    try {
      const kept = JSON.parse(store.get(this.#key) ?? 'null');
      return typeof kept?.body === 'string' ? kept : null;
    } catch {
      return null;
    }
  }

  #changed(): void {
    clearTimeout(this.#timer);
    if (!this.#isDirty) return store.remove(this.#key);
    store.set(this.#key, JSON.stringify(this.#wanted));
    this.#timer = setTimeout(() => void this.#save(), this.#wanted.body ? PAUSE : 0);
  }

  async #save(leaving = false): Promise<void> {
    if (this.#busy && !leaving) return;
    this.#busy = true;
    const wanted = this.#wanted;
    try {
      const path = `/v1/rooms/${this.#room}/draft`;
      const kept = wanted.body ? await maru.http.call('PUT', path, wanted, { keepalive: leaving }) : await maru.http.call('DELETE', path, undefined, { keepalive: leaving });
      this.#saved = wanted;
      this.#at = (kept as { updated_at: string } | null)?.updated_at ?? this.#at;
      this.#busy = false;
      this.#changed();
    } catch (problem) {
      this.#busy = false;
      if (!(problem instanceof Problem)) throw problem;
      if (problem.passing) this.#timer = setTimeout(() => void this.#save(), Math.max(problem.retryAfter, AGAIN));
      else if (problem.status !== 401) this.#saved = wanted; // not a member any more: it stays on this device
    }
  }
}

let started = false;
/** Hears of drafts from now on, and asks for those that there are; keeperOf: of a room. */
export function keepDrafts(keeperOf: (room: number) => Keeper): void {
  if (started) return;
  started = true;
  let asked = 0;
  const ask = async () => {
    if (Date.now() - asked < AGAIN) return;
    asked = Date.now();
    for (let cursor: number | null = 0; cursor !== null;) {
      const page: { drafts: { room: number; body: string; reply_to?: number; updated_at: string }[]; next: number | null } =
        await rest.get('/v1/users/me/drafts', { limit: 100, ...cursor > 0 && { cursor: String(cursor) } });
      for (const { room, body, reply_to, updated_at } of page.drafts) keeperOf(room).hear(body, reply_to, updated_at);
      cursor = page.next;
    }
  };
  maru.on('signal', (event, data) => {
    if (event === 'draft.updated') keeperOf(Number(data.room)).hear(String(data.body), data.reply_to as number | undefined, String(data.updated_at));
    else if (event === 'draft.removed') keeperOf(Number(data.room)).gone(String(data.updated_at));
  });
  // Drafts are no events: what was told while one was away is asked for.
  maru.on('state', (state) => { if (state === 'connected') ask().catch(() => {}); });
  ask().catch(() => {});
}
