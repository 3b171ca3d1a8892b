// SPDX-License-Identifier: MIT
// What is said in a room, as it stands now: pages of history, and on them what happens. Every event says
// how things are afterwards (a count, a whole message), so it does no harm if a page knows it already.
import type { StreamEvent } from './stream.js';
import type { Data } from './transport.js';
import type { Message, ReactionCount } from './types.js';

/** A message, or something else that happened in between. */
export interface Line { seq: number; message?: Message; event?: StreamEvent }

const SHOWN = /^(member\.(joined|left|kicked|banned|unbanned)|room\.(updated|deleted)|notice\.created|pin\.added)$/;

/** The messages of a room that are loaded, as they stand. */
export class Timeline {
  /** In the order of seq. */
  readonly lines: Line[] = [];
  #bySeq = new Map<number, Line>(); #me: number;

  /** me: the id of whoever looks, whose reactions are `mine`. */
  constructor(me: number) { this.#me = me; }

  /** The message of that seq, as far as it is loaded. */
  get(seq: number): Message | undefined { return this.#bySeq.get(seq)?.message; }
  /** The seq of the oldest line. */
  get first(): number | undefined { return this.lines[0]?.seq; }

  clear(): void {
    this.lines.length = 0;
    this.#bySeq.clear();
  }

  /** A page of history, all of it before or after what is here, or overlapping. Events that came while it was
   *  under way are to be applied once more: the page may be from before them. */
  add(messages: Message[]): void {
    // A page before what is here goes to the front as a whole.
    const early: Line[] = [];
    for (const message of messages) {
      const line = this.#bySeq.get(message.seq);
      if (line) line.message = message;
      else if (this.lines.length > 0 && message.seq < this.lines[0]!.seq) early.push({ seq: message.seq, message });
      else this.#insert({ seq: message.seq, message });
    }
    for (const line of early) this.#bySeq.set(line.seq, line);
    this.lines.unshift(...early);
  }

  /** Takes a message that somebody has just asked for, if it is one of those that are here. */
  replace(message: Message): boolean {
    const line = this.#bySeq.get(message.seq);
    if (line) line.message = message;
    return line !== undefined;
  }

  /** Takes a message away, for oneself. */
  remove(seq: number): boolean {
    const line = this.#bySeq.get(seq);
    if (!line) return false;
    this.#bySeq.delete(seq);
    this.lines.splice(this.lines.indexOf(line), 1);
    return true;
  }

  #insert(line: Line): void {
    this.#bySeq.set(line.seq, line);
    let place = this.lines.length; // nearly always the end
    while (place > 0 && this.lines[place - 1]!.seq > line.seq) place--;
    this.lines.splice(place, 0, line);
  }

  /** Takes an event of the room, in the order of seq or once more. Whether anything looks different now. */
  apply(event: StreamEvent): boolean {
    const { type, data } = event;
    if (type === 'message.created') return this.#created(event);
    if (type === 'message.updated' || type === 'message.deleted') return this.#changed(data.message as Message);
    if (type === 'messages.purged') return this.#purged(data);
    if (type.startsWith('reaction')) return this.#reacted(type, data);
    if (type.startsWith('poll.')) return this.#polled(data);
    if (!SHOWN.test(type) || this.#bySeq.has(event.seq)) return false;
    this.#insert({ seq: event.seq, event });
    return true;
  }

  #with(seq: unknown, change: (message: Message) => Message): boolean {
    const line = this.#bySeq.get(Number(seq));
    if (!line?.message) return false;
    line.message = change(line.message);
    return true;
  }

  #created({ seq, data }: StreamEvent): boolean {
    const message = data as unknown as Message;
    if (!this.#bySeq.has(seq)) this.#insert({ seq, message });
    if (message.thread !== undefined) this.#answered(message.thread, seq);
    return true;
  }

  // An answer in a thread: its first message counts them.
  #answered(root: number, seq: number): void {
    this.#with(root, (message) => {
      const replies = message.replies ?? { count: 0, last: 0 };
      return seq > replies.last ? { ...message, replies: { count: replies.count + 1, last: seq } } : message;
    });
  }

  #changed(message: Message): boolean {
    return this.#with(message.seq, (before) => ((before.rev ?? 0) > (message.rev ?? Infinity) ? before
      : { ...message, ...before.reactions && !message.deleted_at && { reactions: before.reactions },
        ...before.replies && { replies: before.replies }, ...before.poll && { poll: before.poll } }));
  }

  #polled({ message, counts, voters, closed_at: at }: Data): boolean {
    return this.#with(message, (before) => ({ ...before,
      poll: { mine: [], ...before.poll, counts, voters, ...at !== undefined && { closed_at: at } } as Message['poll'] }));
  }

  #purged({ user, after, until, deleted_at: at }: Data): boolean {
    for (const { message } of this.lines) {
      if (!message || message.sender !== user || message.seq <= Number(after) || message.seq > Number(until)) continue;
      const { room, seq, mid, sender, client_id, created_at } = message;
      this.#with(seq, () => ({ room, seq, mid, sender, client_id, created_at, body: '', deleted_at: String(at) }) as Message);
    }
    return true;
  }

  #reacted(type: string, data: Data): boolean {
    return this.#with(data.message, (message) => {
      const before = message.reactions ?? [];
      const mineOf = (emoji: string) => before.some((one) => one.emoji === emoji && one.mine);
      if (type === 'reactions.counted') {
        const all = (data.reactions as ReactionCount[]).map(({ emoji, count }) => ({ emoji, count, mine: mineOf(emoji) }));
        return { ...message, reactions: all };
      }
      const emoji = String(data.emoji);
      const mine = Number(data.user) === this.#me ? type === 'reaction.added' : mineOf(emoji);
      const after = before.map((one) => (one.emoji === emoji ? { emoji, count: Number(data.count), mine } : one));
      if (!before.some((one) => one.emoji === emoji)) after.push({ emoji, count: Number(data.count), mine });
      return { ...message, reactions: after.filter(({ count }) => count > 0) };
    });
  }

  /** One reacts, or takes it back: how it looks before the server has told. */
  react(seq: number, emoji: string, on: boolean): boolean {
    return this.#with(seq, (message) => {
      const before = message.reactions ?? [];
      const known = before.find((one) => one.emoji === emoji);
      if ((known?.mine ?? false) === on) return message;
      const now = { emoji, count: (known?.count ?? 0) + (on ? 1 : -1), mine: on };
      const after = known ? before.map((one) => (one === known ? now : one)) : [...before, now];
      return { ...message, reactions: after.filter(({ count }) => count > 0) };
    });
  }

  /** One has reacted in a large room, or taken it back: only oneself is told. */
  chosen({ message, emoji, chosen }: { message: number; emoji: string; chosen: boolean }): boolean {
    return this.#with(message, (before) => ({ ...before,
      reactions: (before.reactions ?? []).map((one) => (one.emoji === emoji ? { ...one, mine: chosen } : one)) }));
  }
}
