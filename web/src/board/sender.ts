// SPDX-License-Identifier: MIT
// What one has drawn or taken off and the server has not confirmed yet: sent one job after the other, in the order in which it
// was done, for a piece of a line names the first one. Each piece keeps its client_id through all attempts, so it is stored
// once. All of it is kept in the store, so that a reload loses nothing.
import { signal } from '@preact/signals';
import { backoff, Nap, newId, Problem } from 'maru-client';
import { me, rest } from '../maru';
import { keep, keptIn, keptRooms, type Kept } from './kept';
import type { Shape, Stroke } from './shape';

/** A line of one's own; id: that of its first stroke, once it has one. */
export interface Line { readonly key: string; id: number | null; gone: boolean }
/** tried: it may be on the server; seen: it is. */
export interface Piece extends Shape { readonly id: string; readonly line: Line; tried: boolean; seen: boolean }
interface Removal { readonly id: string; readonly line: Line }
type Job = Piece | Removal;

const isShape = (one: Partial<Shape>): one is Shape => 'points' in one;
const isPiece = (job: Job): job is Piece => 'points' in job;

export class Sender {
  /** sending: under way or nothing to do; waiting: tried again by itself; failed: refused, and tried again by hand only. */
  readonly state = signal<'sending' | 'waiting' | 'failed'>('sending');
  readonly problem = signal<Problem | null>(null);
  /** Pieces that are not there yet. */
  readonly left = signal(0);
  /** It is there, of that line. */
  sent: (stroke: Stroke, line: Line) => void = () => {};
  /** A line could not be taken off. */
  kept: (line: number) => void = () => {};
  #me: number; #room: number; #jobs: Job[] = []; #nap = new Nap(); #running = false; #users = 0; #ended: () => void;

  /** ended: nobody looks and nothing is left. */
  constructor(me: number, room: number, ended: () => void) {
    this.#me = me;
    this.#room = room;
    this.#ended = ended;
    this.#load();
  }

  /** Somebody looks, until the returned function is called. What is left is sent all the same. */
  use(): () => void {
    this.#users++;
    void this.#run();
    return () => {
      if (--this.#users > 0) return;
      this.sent = this.kept = () => {};
      this.#endIfIdle();
    };
  }

  /** In the order of drawing; without lines that one has taken off. */
  get pieces(): Piece[] { return this.#jobs.filter(isPiece).filter(({ line, seen }) => !line.gone && !seen); }

  /** The ids of lines that are to be taken off. */
  get goneLines(): number[] { return this.#jobs.flatMap(({ line: { id, gone } }) => (gone && id !== null ? [id] : [])); }

  newLine(): Line { return { key: newId(), id: null, gone: false }; }

  add(line: Line, shape: Shape): void {
    if (line.gone) return;
    const piece: Piece = { ...shape, id: newId(), line, tried: false, seen: false };
    this.#add(piece, shape);
    void this.#run();
  }

  /** Takes off a line that is there, or on its way: what was tried may have arrived, so it goes on until that is known. */
  remove(line: Line): void {
    line.gone = true;
    const isRefused = this.state.value === 'failed';
    this.#drop((job) => isPiece(job) && job.line === line && (isRefused || !job.tried));
    if (line.id !== null || this.#jobs.some((job) => job.line === line)) this.#add({ id: newId(), line });
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
    this.#load();
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

  // ---- what is kept

  // What the store has and this window has not seen yet.
  #load(): void {
    const lines = new Map(this.#jobs.map(({ line }) => [line.key, line]));
    const known = new Set(this.#jobs.map(({ id }) => id));
    for (const { id, line: key, first, ...shape } of keptIn(this.#me, this.#room)) {
      if (known.has(id)) continue;
      const line = lines.get(key) ?? { key, id: first, gone: false };
      lines.set(key, line);
      line.gone ||= !isShape(shape);
      this.#jobs.push(isShape(shape) ? { ...shape, id, line, tried: true, seen: false } : { id, line });
    }
    this.#changed();
  }

  #keep(change: (all: Kept[]) => Kept[]): void {
    keep(this.#me, this.#room, change);
  }

  #add(job: Job, shape?: Shape): void {
    this.#jobs.push(job);
    this.#keep((all) => [...all, { id: job.id, line: job.line.key, first: job.line.id, ...shape }]);
    this.#changed();
  }

  #drop(which: (job: Job) => boolean): void {
    const gone = new Set(this.#jobs.filter(which).map(({ id }) => id));
    this.#jobs = this.#jobs.filter(({ id }) => !gone.has(id));
    this.#keep((all) => all.filter(({ id }) => !gone.has(id)));
    this.#changed();
  }

  #name(line: Line, id: number | null): void {
    line.id = id;
    this.#keep((all) => all.map((one) => (one.line === line.key ? { ...one, first: id } : one)));
  }

  #changed(): void {
    this.left.value = this.pieces.length;
  }

  // Where nobody looks, a room that is gone or that one has left has nobody to tell, and will have nobody.
  #endIfIdle(): void {
    if (this.#users > 0) return;
    if (this.state.value === 'failed' && ['not-found', 'not-member'].includes(this.problem.value?.slug ?? '')) this.#drop(() => true);
    if (this.#jobs.length === 0) this.#ended();
  }

  // ---- sending

  // Another person may have logged in meanwhile.
  get #next(): Job | undefined { return this.state.value === 'failed' || me.value?.id !== this.#me ? undefined : this.#jobs[0]; }

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
    this.#endIfIdle();
  }

  #say(state: 'sending' | 'waiting' | 'failed', problem: Problem | null): void {
    this.state.value = state;
    this.problem.value = problem;
  }

  async #attempt(job: Job): Promise<Problem | null> {
    const { line } = job;
    const entry = keptIn(this.#me, this.#room).find(({ id }) => id === job.id);
    try {
      line.id ??= entry?.first ?? null; // which another window may have found out
      if (!entry) this.#drop((one) => one === job); // another window has done it
      else if (isPiece(job)) await this.#send(job);
      else await this.#takeOff(job);
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
      this.#name(line, line.id ?? stroke.line);
      this.#drop((one) => one === piece);
      this.sent(stroke, line);
    } catch (problem) {
      const isCut = problem instanceof Problem && problem.fields.some(({ field }) => field === 'line');
      if (!isCut || line.id === null) throw problem;
      this.#name(line, null); // what there was of it was taken off meanwhile: the rest is a line of its own
    }
  }

  async #takeOff(job: Removal): Promise<void> {
    const { id } = job.line;
    try {
      if (id !== null) await rest.delete('/v1/rooms/{room}/strokes/{stroke}', { room: this.#room, stroke: id });
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.passing || problem.status === 401) throw problem;
      if (problem.status !== 404) { // or it is gone already
        this.#drop((one) => one === job);
        this.kept(id!);
        throw problem;
      }
    }
    this.#drop((one) => one === job);
  }
}

const senders = new Map<string, Sender>();

function senderIn(room: number): Sender {
  const id = me.value?.id ?? 0;
  const key = `${id}.${room}`;
  const known = senders.get(key);
  if (known) return known;
  const sender = new Sender(id, room, () => { if (senders.get(key) === sender) senders.delete(key); });
  senders.set(key, sender);
  return sender;
}

/** What one draws in a room; it goes on being sent when nobody looks any more. */
export function senderOf(room: number): { sender: Sender; end: () => void } {
  const sender = senderIn(room);
  return { sender, end: sender.use() };
}

/** Sends what the store has of any room: the network may be back. */
export function sendKept(): void {
  for (const room of keptRooms(me.value?.id ?? 0)) senderIn(room).wake();
}
