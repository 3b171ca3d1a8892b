// SPDX-License-Identifier: MIT
// What somebody wrote in a room and the server has not confirmed yet. One message at a time, so that they
// arrive in the order of writing. A message keeps its client_id through all attempts: however often it is
// sent, and by however many windows, it is stored once. It is kept in the store, so a reload loses nothing.
import { Emitter } from './emitter.js';
import { newId } from './id.js';
import { Problem } from './problem.js';
import type { Store } from './store.js';
import { backoff, Nap } from './wait.js';
import type { Message, NewMessage } from './types.js';

const PATIENCE = 2000; // milliseconds until a room that is heard nothing of is not waited for

/** A message that the server has not confirmed. A change makes another object of it, in `items`. */
export interface OutboxItem {
  /** Its client_id. */
  readonly id: string;
  readonly body: Omit<NewMessage, 'client_id'>;
  /** What the application needs to show it, files for example; goes through JSON. */
  readonly extra?: unknown;
  /** When it was written, in milliseconds since 1970. */
  readonly at: number;
  /** sending: under way or next; waiting: tried again by itself (after a 401: when one has logged in);
   *  failed: refused, and tried again by hand only. */
  readonly state: 'sending' | 'waiting' | 'failed';
  /** Of the last attempt. */
  readonly problem: Problem | null;
}

type Kept = Pick<OutboxItem, 'id' | 'body' | 'extra' | 'at'> & { failed?: boolean };
export type Send = (message: NewMessage) => Promise<Message>;

/** Messages to one room, sent one after the other. `changed`: items are others, or in another state; `sent`: the message as it
 *  was stored. */
export class Outbox extends Emitter<{ changed: [OutboxItem[]]; sent: [Message] }> {
  /** In the order of writing. */
  items: OutboxItem[] = [];
  #send: Send; #store: Store; #key: string; #nap = new Nap(); #running = false; #paused = false;
  #stored = new Set<string>(); // by the server, and not shown by the room yet

  /** key: where in the store it is kept; other windows of the same person use the same one. */
  constructor(send: Send, store: Store, key: string) {
    super();
    this.#send = send;
    this.#store = store;
    this.#key = key;
    this.items = this.#kept().map(({ failed, ...item }) => ({ ...item, state: failed ? 'failed' : 'sending', problem: null }));
    void this.#run();
  }

  /** Whether the store has something to be sent, written here or in another window. */
  get isKept(): boolean { return this.#kept().length > 0; }

  /** Sends no more until resume(). What is left stays in the store, also for the next Outbox of this key. */
  pause(): void {
    this.#paused = true;
    this.#nap.wake();
  }

  resume(): void {
    this.#paused = false;
    this.wake();
  }

  /** Puts a message at the end. Whether it arrived is told by `changed` and `sent`. */
  add(body: OutboxItem['body'], extra?: unknown): OutboxItem {
    const item: OutboxItem = { id: newId(), body, ...extra !== undefined && { extra }, at: Date.now(), state: 'sending', problem: null };
    this.items = [...this.items, item];
    this.#keep((kept) => [...kept, { id: item.id, body, ...extra !== undefined && { extra }, at: item.at }]);
    this.#changed();
    void this.#run();
    return item;
  }

  /** Sends one that failed once more. */
  retry(id: string): void {
    if (!this.#find(id)) return;
    this.#keep((kept) => kept.map((one) => (one.id === id ? { ...one, failed: false } : one)));
    this.#set(id, { state: 'sending', problem: null });
    this.wake();
  }

  /** The network, or the login, may be back. */
  wake(): void {
    this.#nap.wake();
    void this.#run();
  }

  /** Gives one up. If it is under way just now it may still arrive. */
  discard(id: string): void {
    this.#remove(id);
    this.wake();
  }

  /** It was seen among the room's events. */
  settle(id: string): void {
    const item = this.#find(id);
    if (!item) return;
    this.#remove(id);
    if (item.state === 'waiting') this.wake();
  }

  // ---- what is kept

  #kept(): Kept[] {
    try {
      return JSON.parse(this.#store.get(this.#key) ?? '[]');
    } catch {
      return [];
    }
  }

  #keep(change: (kept: Kept[]) => Kept[]): void {
    const kept = change(this.#kept());
    if (kept.length > 0) this.#store.set(this.#key, JSON.stringify(kept));
    else this.#store.remove(this.#key);
  }

  #remove(id: string): void {
    this.#stored.delete(id);
    this.items = this.items.filter((item) => item.id !== id);
    this.#keep((kept) => kept.filter((item) => item.id !== id));
    this.#changed();
  }

  #find(id: string): OutboxItem | undefined { return this.items.find((item) => item.id === id); }

  // Another object, so that who compares sees the change.
  #set(id: string, changes: Partial<Pick<OutboxItem, 'state' | 'problem'>>): void {
    this.items = this.items.map((item) => (item.id === id ? { ...item, ...changes } : item));
    this.#changed();
  }

  #changed(): void {
    this.emit('changed', this.items);
  }

  // ---- sending

  get #next(): OutboxItem | undefined { return this.#paused ? undefined : this.items.find(({ id, state }) => state !== 'failed' && !this.#stored.has(id)); }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      let last: string | null = null;
      for (let item, attempt = 0; (item = this.#next);) {
        if (!this.#kept().some(({ id }) => id === item.id)) { // another window has sent or discarded it
          this.#remove(item.id);
          continue;
        }
        if (item.id !== last) attempt = 0;
        last = item.id;
        const problem = await this.#attempt(item);
        if (!problem || (this.#find(item.id)?.state ?? 'failed') === 'failed') continue;
        this.#set(item.id, { state: 'waiting', problem });
        if (problem.status === 401) return; // until somebody has logged in
        await this.#nap.sleep(Math.max(problem.retryAfter, backoff(attempt++, 300)));
      }
    } finally {
      this.#running = false;
    }
  }

  async #attempt(item: OutboxItem): Promise<Problem | null> {
    try {
      const message = await this.#send({ ...item.body, client_id: item.id });
      this.#stored.add(item.id);
      this.emit('sent', message);
      // A room that lacks what was said before shows it after that; meanwhile it stands here, not nowhere.
      if (this.isHeard('sent') && this.#find(item.id)) setTimeout(() => this.settle(item.id), PATIENCE);
      else this.settle(item.id);
      return null;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (!problem.passing && problem.status !== 401) this.#fail(item.id, problem);
      return problem;
    }
  }

  #fail(id: string, problem: Problem): void {
    this.#keep((kept) => kept.map((one) => (one.id === id ? { ...one, failed: true } : one)));
    this.#set(id, { state: 'failed', problem });
  }
}
