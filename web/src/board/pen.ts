// SPDX-License-Identifier: MIT
// A pen, a finger or a mouse on the canvas of a whiteboard. What it draws is seen at once, and goes out in pieces while the
// line grows; what others draw is added to what is there, and only what goes away has all of it drawn anew.
import type { Board } from './board';
import type { Line } from './sender';
import { inksOnScreen, isNear, PLANE, pointAt, POINTS_MAX, Surface, type Area, type Color, type Point, type Shape } from './shape';

const PIECE = 400; // milliseconds of drawing that others see at once

export interface Tool { color: Color; width: number; may: boolean }

interface Stroking extends Shape { line: Line; pointer: number; isBegun: boolean; timer: ReturnType<typeof setInterval> }

class Pen {
  #board: Board; #canvas: HTMLCanvasElement; #tool: () => Tool; #surface: Surface; #now: Stroking | null = null;

  constructor(canvas: HTMLCanvasElement, board: Board, tool: () => Tool, surface: Surface) {
    this.#canvas = canvas;
    this.#board = board;
    this.#tool = tool;
    this.#surface = surface;
  }

  /** What is drawn just now and not on its way yet. */
  get shapes(): Shape[] { return this.#now && !this.#now.line.gone ? [this.#now] : []; }

  readonly down = (event: PointerEvent): void => {
    const { color, width, may } = this.#tool();
    if (!may || this.#now || event.button !== 0 || !event.isPrimary) return;
    event.preventDefault();
    this.#canvas.focus({ preventScroll: true }); // so that the keys are for the board
    this.#canvas.setPointerCapture(event.pointerId);
    this.#now = { line: this.#board.sender.newLine(), pointer: event.pointerId, color, width, points: [this.#at(event)], isBegun: false,
      timer: setInterval(() => this.#cut(), PIECE) };
    this.#surface.draw(this.#now);
  };

  readonly move = (event: PointerEvent): void => {
    if (event.pointerId !== this.#now?.pointer) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const one of passed.length > 0 ? passed : [event]) this.#to(this.#at(one));
  };

  readonly up = (event: PointerEvent): void => {
    if (event.pointerId !== this.#now?.pointer) return;
    if (event.type === 'pointerup') this.#to(this.#at(event), true);
    this.end();
  };

  end(): void {
    if (!this.#now) return;
    clearInterval(this.#now.timer);
    this.#cut(true);
    this.#now = null;
    this.#board.version.value++;
  }

  #at({ clientX, clientY }: MouseEvent): Point {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    return pointAt((clientX - left) / width, (clientY - top) / height);
  }

  #to(point: Point, isLast = false): void {
    const now = this.#now!;
    const before = now.points.at(-1)!;
    if (now.line.gone || (isNear(before, point) && !(isLast && String(before) !== String(point)))) return;
    now.points.push(point);
    this.#surface.draw({ ...now, points: [before, point] });
    if (now.points.length >= POINTS_MAX) this.#cut();
  }

  // The next piece begins where this one ends.
  #cut(isLast = false): void {
    const now = this.#now!;
    if (now.points.length < 2 && !(isLast && !now.isBegun)) return;
    const { line, color, width, points } = now;
    this.#board.sender.add(line, { color, width, points });
    now.isBegun = true;
    now.points = [points.at(-1)!];
  }
}

/** Shows a board on a canvas, and draws there with the tool of the moment. Returns what ends it. */
export function drawOn(canvas: HTMLCanvasElement, board: Board, tool: () => Tool): () => void {
  const surface = new Surface(canvas, inksOnScreen(canvas));
  const pen = new Pen(canvas, board, tool, surface);
  const redraw = (area?: Area) => {
    const shapes = [...board.shapes(), ...pen.shapes];
    if (area) surface.mend(shapes, area);
    else surface.redraw(shapes);
  };
  const resize = new ResizeObserver(() => {
    const width = Math.max(1, Math.round(canvas.clientWidth * devicePixelRatio));
    if (width === canvas.width) return;
    canvas.width = width;
    canvas.height = Math.round(width * PLANE.height / PLANE.width);
    redraw();
  });
  const theme = new MutationObserver(() => {
    surface.inks = inksOnScreen(canvas);
    redraw();
  });
  resize.observe(canvas);
  theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  board.view = { draw: (shape) => surface.draw(shape), redraw };
  const hears = { pointerdown: pen.down, pointermove: pen.move, pointerup: pen.up, pointercancel: pen.up };
  for (const [type, hear] of Object.entries(hears)) canvas.addEventListener(type, hear as EventListener);
  redraw();
  return () => {
    pen.end();
    resize.disconnect();
    theme.disconnect();
  };
}
