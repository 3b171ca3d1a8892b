// SPDX-License-Identifier: MIT
// What one has drawn and the server has not confirmed yet: sent one piece after the other, in the order of drawing, for a
// piece of a line names the first one. Each keeps its client_id through all attempts, so it is stored once; and they are
// kept in the store, so that a reload loses nothing.
import { signal } from '@preact/signals';
import { backoff, Nap, newId, Problem } from 'maru-client';
import { maru, me, rest } from '../maru';
import { store } from '../store';
import type { Shape, Stroke } from './shape';

/** A line of one's own; id: that of its first stroke, once it has one. */
export interface Line { readonly key: string; id: number | null; gone: boolean }
/** tried: it may be on the server; seen: it is. */
export interface Piece extends Shape { readonly id: string; readonly line: Line; tried: boolean; seen: boolean }
interface Removal { readonly remove: Line }
type Job = Piece | Removal;
interface Kept extends Shape { id: string; line: string; first: number | null }

const isPiece = (job: Job): job is Piece => 'id' in job;

export class Sender {
  /** sending: under way or nothing to do; waiting: tried again by itself; failed: refused, and tried again by hand only. */
  readonly state = signal<'sending' | 'waiting' | 'failed'>('sending');
  readonly problem = signal<Problem | null>(null);
  /** Pieces that are not there yet. */
  readonly left = signal(0);
  users = 0;
  /** It is there. */
  sent: (stroke: Stroke) => void = () => {};
  /** A line could not be taken off. */
  kept: (line: number) => void = () => {};
  #me = me.value?.id ?? 0; #room: number; #key: string; #jobs: Job[] = []; #nap = new Nap(); #running = false; #ended = false; #off: () => void;

  constructor(room: number) {
    this.#room = room;
    this.#key = `board.${this.#me}.${room}`;
    const lines = new Map<string, Line>();
    for (const { line: key, first, ...shape } of this.#stored()) {
      const line = lines.get(key) ?? { key, id: first, gone: false };
      lines.set(key, line);
      this.#jobs.push({ ...shape, line, tried: true, seen: false });
    }
    this.#changed();
    this.#off = maru.on('state', (state) => { if (state === 'connected') this.wake(); });
    void this.#run();
  }

  /** In the order of drawing; without lines that one has taken off. */
  get pieces(): Piece[] { return this.#jobs.filter(isPiece).filter(({ line, seen }) => !line.gone && !seen); }

  newLine(): Line { return { key: newId(), id: null, gone: false }; }

  add(line: Line, shape: Shape): void {
    if (line.gone) return;
    const piece: Piece = { ...shape, id: newId(), line, tried: false, seen: false };
    this.#jobs.push(piece);
    this.#keep((all) => [...all, { ...shape, id: piece.id, line: line.key, first: line.id }]);
    this.#changed();
    void this.#run();
  }

  /** Takes off a line that is there, or on its way: what was tried may have arrived, so it goes on until that is known. */
  remove(line: Line): void {
    line.gone = true;
    const isRefused = this.state.value === 'failed';
    this.#drop((piece) => piece.line === line && (isRefused || !piece.tried));
    this.#jobs.push({ remove: line });
    if (isRefused) this.retry();
    else void this.#run();
  }

  /** The piece that became this stroke, if it is one of those. */
  find(stroke: Stroke): Piece | undefined {
    const piece = this.#jobs.filter(isPiece).find(({ id }) => id === stroke.client_id);
    if (!piece) return undefined;
    piece.line.id ??= stroke.line;
    piece.seen = true;
    this.#changed();
    return piece;
  }

  /** The network is back, or one tries again. */
  wake(): void {
    this.#nap.wake();
    void this.#run();
  }

  retry(): void {
    this.state.value = 'sending';
    this.problem.value = null;
    this.wake();
  }

  /** Gives up what is left. */
  discard(): void {
    this.#drop(() => true);
    this.retry();
  }

  /** Nobody looks any more: it ends when all is sent. */
  leave(): boolean {
    if (--this.users > 0 || this.left.value > 0) return false;
    this.#ended = true;
    this.#off();
    return true;
  }

  // ---- what is kept

  #stored(): Kept[] {
    try {
      return JSON.parse(store.get(this.#key) ?? '[]') as Kept[];
    } catch {
      return [];
    }
  }

  #keep(change: (all: Kept[]) => Kept[]): void {
    const all = change(this.#stored());
    if (all.length > 0) store.set(this.#key, JSON.stringify(all));
    else store.remove(this.#key);
  }

  #drop(which: (piece: Piece) => boolean): void {
    const gone = new Set(this.#jobs.filter(isPiece).filter(which).map(({ id }) => id));
    this.#jobs = this.#jobs.filter((job) => !isPiece(job) || !gone.has(job.id));
    this.#keep((all) => all.filter(({ id }) => !gone.has(id)));
    this.#changed();
  }

  #changed(): void {
    this.left.value = this.pieces.length;
  }

  // ---- sending

  // Another person may have logged in meanwhile.
  get #next(): Job | undefined { return this.state.value === 'failed' || this.#ended || me.value?.id !== this.#me ? undefined : this.#jobs[0]; }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      for (let attempt = 0, job; (job = this.#next);) {
        const problem = await this.#attempt(job);
        if (!problem) attempt = 0;
        else if (problem.passing || problem.status === 401) {
          if (attempt > 0) this.#say('waiting', problem); // the first time it is nearly always over at once
          await this.#nap.sleep(Math.max(problem.retryAfter, backoff(attempt++, 300)));
        } else this.#say('failed', problem);
      }
    } finally {
      this.#running = false;
    }
  }

  #say(state: 'sending' | 'waiting' | 'failed', problem: Problem | null): void {
    this.state.value = state;
    this.problem.value = problem;
  }

  async #attempt(job: Job): Promise<Problem | null> {
    try {
      if (!isPiece(job)) await this.#takeOff(job);
      else if (this.#stored().some(({ id }) => id === job.id)) await this.#send(job);
      else this.#drop((piece) => piece === job); // another window has sent it or taken it off
      this.#say('sending', null);
      return null;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      return problem;
    }
  }

  async #send(piece: Piece): Promise<void> {
    const { id, line, color, width, points } = piece;
    piece.tried = true;
    try {
      const stroke = await rest.post('/v1/rooms/{room}/strokes', { room: this.#room },
        { client_id: id, color, width, points, ...line.id !== null && { line: line.id } });
      line.id ??= stroke.line;
      this.#keep((all) => all.map((one) => (one.line === line.key ? { ...one, first: line.id } : one)));
      this.#drop((one) => one === piece);
      this.sent(stroke);
    } catch (problem) {
      const isCut = problem instanceof Problem && problem.fields.some(({ field }) => field === 'line');
      if (!isCut || line.id === null) throw problem;
      line.id = null; // what there was of it was taken off meanwhile: the rest is a line of its own
    }
  }

  async #takeOff(job: Removal): Promise<void> {
    const { id } = job.remove;
    this.#jobs = this.#jobs.filter((one) => one !== job);
    if (id === null) return;
    await rest.delete('/v1/rooms/{room}/strokes/{stroke}', { room: this.#room, stroke: id }).catch((problem: unknown) => {
      if (problem instanceof Problem && problem.status === 404) return; // it is gone already
      if (problem instanceof Problem && (problem.passing || problem.status === 401)) this.#jobs.unshift(job);
      else this.kept(id);
      throw problem;
    });
  }
}

const senders = new Map<string, Sender>();
const keyOf = (room: number): string => `${me.value?.id ?? 0}.${room}`;

/** What one draws in a room; it goes on being sent when nobody looks any more. */
export function senderOf(room: number): { sender: Sender; end: () => void } {
  const key = keyOf(room);
  const sender = senders.get(key) ?? new Sender(room);
  senders.set(key, sender);
  sender.users++;
  return { sender, end: () => {
    if (sender.users === 1) sender.sent = sender.kept = () => {};
    if (sender.leave()) senders.delete(key);
  } };
}
