// SPDX-License-Identifier: MIT
// The whiteboard of the open room as it is now: what the server has, and what one has just drawn or taken off.
import { signal } from '@preact/signals';
import type { StreamEvent } from 'maru-client';
import type { Chat } from '../chat/state';
import { me, rest } from '../maru';
import { Reading } from '../ui/reading';
import { senderOf, type Line, type Sender } from './sender';
import { areaOf, type Area, type Shape, type Stroke } from './shape';

export const STROKES_MAX = 2000;

type Heard = Pick<StreamEvent, 'type' | 'data' | 'seq'>;
/** What the canvas does: draw one more, or all of an area anew. */
export interface View { draw(shape: Shape): void; redraw(area?: Area): void }

async function readAll(room: number): Promise<Map<number, Stroke>> {
  const all = new Map<number, Stroke>();
  for (let cursor: number | null = 0; cursor !== null;) {
    const page: { strokes: Stroke[]; next: number | null } = await rest.get('/v1/rooms/{room}/strokes', { room, limit: 100, cursor: String(cursor) });
    for (const stroke of page.strokes) all.set(stroke.id, stroke);
    cursor = page.next;
  }
  return all;
}

export class Board {
  readonly sender: Sender;
  /** Goes up whenever there is something else to see. */
  readonly version = signal(0);
  readonly loaded = signal(false);
  readonly problem = signal<unknown>(null);
  view: View = { draw: () => {}, redraw: () => {} };
  #room: number; #strokes = new Map<number, Stroke>(); #hidden = new Set<number>(); #reading = new Reading<Heard>(); #offs: (() => void)[];

  constructor({ room }: Chat) {
    this.#room = room.id;
    const { sender, end } = senderOf(room.id);
    this.sender = sender;
    for (const line of sender.goneLines) this.#hidden.add(line);
    this.sender.sent = (stroke, { gone }) => {
      if (gone) this.#hidden.add(stroke.line);
      this.#put(stroke, true);
    };
    this.sender.kept = (line) => {
      this.#hidden.delete(line);
      this.#redraw();
    };
    this.#offs = [room.on('events', (events) => this.#hear(events)), room.on('reset', () => void this.load()), end];
    void this.load();
  }

  close(): void {
    for (const off of this.#offs) off();
  }

  get strokes(): number { return this.#strokes.size; }

  /** In the order in which it was drawn, one's own that are on their way last. */
  * shapes(): Generator<Shape> {
    for (const [, stroke] of [...this.#strokes].sort(([a], [b]) => a - b)) if (!this.#hidden.has(stroke.line)) yield stroke;
    yield* this.sender.pieces;
  }

  /** How many lines there are, and by whom: those who drew most first. */
  summary(): { lines: number; authors: number[] } {
    const by = new Map<number, number>();
    const lines = new Set<unknown>();
    const count = (line: unknown, author: number) => {
      if (lines.has(line)) return;
      lines.add(line);
      by.set(author, (by.get(author) ?? 0) + 1);
    };
    for (const { line, author } of this.#strokes.values()) if (!this.#hidden.has(line)) count(line, author);
    for (const { line } of this.sender.pieces) count(line.id ?? line, me.value?.id ?? 0);
    return { lines: lines.size, authors: [...by].sort(([, a], [, b]) => b - a).map(([author]) => author) };
  }

  /** Reads it anew. Never rejects. */
  async load(): Promise<void> {
    try {
      await this.#reading.read(() => readAll(this.#room), (all, told) => {
        this.#strokes = all;
        for (const { type, data, seq } of told) this.#take(type, data, seq);
        this.problem.value = null;
        this.loaded.value = true;
        this.#redraw();
      });
    } catch (problem) {
      this.problem.value = problem;
    }
  }

  // ---- drawing

  /** The line that one drew last and that is still there. */
  #last(): Line | null {
    const [piece] = this.sender.pieces.slice(-1);
    if (piece) return piece.line;
    let last = 0;
    for (const { line, author } of this.#strokes.values()) if (author === me.value?.id && line > last && !this.#hidden.has(line)) last = line;
    return last > 0 ? { ...this.sender.newLine(), id: last } : null;
  }

  get canUndo(): boolean { return this.#last() !== null; }

  undo(): void {
    const line = this.#last();
    if (!line) return;
    const gone: Shape[] = [...this.sender.pieces.filter((piece) => piece.line === line), ...[...this.#strokes.values()].filter((stroke) => stroke.line === line.id)];
    if (line.id !== null) this.#hidden.add(line.id);
    this.sender.remove(line);
    this.#redraw(gone);
  }

  async clear(): Promise<void> {
    await rest.delete('/v1/rooms/{room}/strokes', { room: this.#room });
  }

  // ---- what is told

  #hear(events: Heard[]): void {
    this.#reading.tell(...events);
    for (const { type, data, seq } of events) this.#take(type, data, seq, true);
  }

  // Each may be told twice: in the list and as an event.
  #take(type: string, data: Heard['data'], seq: number, shown = false): void {
    if (type === 'stroke.created') {
      const { seq: _, mid: __, ...stroke } = data as unknown as Stroke & { seq: number; mid: string };
      const piece = this.sender.find(stroke);
      if (piece?.line.gone) this.#hidden.add(stroke.line);
      this.#put(stroke, piece !== undefined || !shown);
    } else if (type === 'stroke.deleted') this.#drop(({ line }) => line === data.line);
    else if (type === 'strokes.cleared') this.#drop(({ id }) => id < seq);
    else if (type === 'strokes.purged') this.#drop(({ id, author }) => author === data.user && id > Number(data.after) && id <= Number(data.until));
  }

  #put(stroke: Stroke, isDrawn: boolean): void {
    if (this.#strokes.has(stroke.id)) return;
    this.#strokes.set(stroke.id, stroke);
    if (!isDrawn && !this.#hidden.has(stroke.line)) this.view.draw(stroke);
    this.version.value++;
  }

  #drop(gone: (stroke: Stroke) => boolean): void {
    const dropped = [...this.#strokes.values()].filter(gone);
    for (const { id } of dropped) this.#strokes.delete(id);
    if (dropped.length > 0) this.#redraw(dropped);
  }

  // All of it, or where these were.
  #redraw(gone?: Shape[]): void {
    const area = gone && areaOf(gone);
    if (area !== null) this.view.redraw(area);
    this.version.value++;
  }
}
