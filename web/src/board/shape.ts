// SPDX-License-Identifier: MIT
// What is drawn, on a plane that is the same for everybody; how large it is shown and how a colour looks is decided here
// and in styles/board.css.
import type { Got } from 'maru-client';

export type Stroke = Got<'/v1/rooms/{room}/strokes'>['strokes'][number];
export type Color = Stroke['color'];
export type Point = number[];
export type Shape = Pick<Stroke, 'color' | 'width' | 'points'>;

export const PLANE = { width: 4096, height: 2560 };
export const COLORS: readonly Color[] = ['black', 'gray', 'red', 'orange', 'green', 'blue', 'purple', 'brown'];
export const WIDTHS = { thin: 10, medium: 24, thick: 56 } as const;
export const POINTS_MAX = 256;

const NEAR = 4; // units of the plane: less than a pixel on any screen that shows all of it

const within = (value: number, end: number): number => Math.min(end - 1, Math.max(0, Math.round(value)));
/** A place on the plane; what leaves it stays at its edge. */
export const pointAt = (x: number, y: number): Point => [within(x * PLANE.width, PLANE.width), within(y * PLANE.height, PLANE.height)];
export const isNear = ([x = 0, y = 0]: Point, [u = 0, v = 0]: Point): boolean => Math.abs(x - u) < NEAR && Math.abs(y - v) < NEAR;

/** A part of the plane. */
export interface Area { left: number; top: number; right: number; bottom: number }

/** Where something is drawn; null: nothing is. */
export function areaOf(shapes: Iterable<Shape>): Area | null {
  const area = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const { width, points } of shapes) {
    for (const [x = 0, y = 0] of points) {
      area.left = Math.min(area.left, x - width);
      area.top = Math.min(area.top, y - width);
      area.right = Math.max(area.right, x + width);
      area.bottom = Math.max(area.bottom, y + width);
    }
  }
  return area.left <= area.right ? area : null;
}

const meet = (a: Area, b: Area): boolean => a.left <= b.right && b.left <= a.right && a.top <= b.bottom && b.top <= a.bottom;

type Inks = Record<Color, string>;

function inksOf(element: Element, name: string): Inks {
  const style = getComputedStyle(element);
  return Object.fromEntries(COLORS.map((color) => [color, style.getPropertyValue(`--${name}-${color}`).trim()])) as Inks;
}

/** The colours as the theme has them; on paper, as they are printed. */
export const inksOnScreen = (element: Element): Inks => inksOf(element, 'ink');
export const inksOnPaper = (element: Element): Inks => inksOf(element, 'paper');

/** A pen on a canvas that shows the whole plane. */
export class Surface {
  inks: Inks;
  readonly #to: CanvasRenderingContext2D;

  constructor(canvas: HTMLCanvasElement, inks: Inks) {
    this.#to = canvas.getContext('2d')!;
    this.inks = inks;
  }

  /** All anew; on the ground that is given, or on none. */
  redraw(shapes: Iterable<Shape>, ground?: string): void {
    const { width, height } = this.#to.canvas;
    this.#to.clearRect(0, 0, width, height);
    if (ground) {
      this.#to.fillStyle = ground;
      this.#to.fillRect(0, 0, width, height);
    }
    for (const shape of shapes) this.draw(shape);
  }

  /** A part of it anew: what one line covered costs little, however much there is. */
  mend(shapes: Iterable<Shape>, area: Area): void {
    const to = this.#to;
    const scale = to.canvas.width / PLANE.width;
    const edge = 1 / scale; // a line is at least a pixel wide
    const around = { left: area.left - edge, top: area.top - edge, right: area.right + edge, bottom: area.bottom + edge };
    const [x, y] = [Math.floor(around.left * scale), Math.floor(around.top * scale)];
    const [width, height] = [Math.ceil(around.right * scale) - x, Math.ceil(around.bottom * scale) - y]; // whole pixels: no seam
    to.save();
    to.beginPath();
    to.rect(x, y, width, height);
    to.clip();
    to.clearRect(x, y, width, height);
    for (const shape of shapes) {
      const box = areaOf([shape]);
      if (box && meet(box, { left: around.left - 2 * edge, top: around.top - 2 * edge, right: around.right + 2 * edge, bottom: around.bottom + 2 * edge })) this.draw(shape);
    }
    to.restore();
  }

  draw({ color, width, points }: Shape): void {
    const to = this.#to;
    const scale = to.canvas.width / PLANE.width;
    const [[x, y] = [], ...rest] = points as [number, number][];
    if (x === undefined || y === undefined) return;
    to.strokeStyle = to.fillStyle = this.inks[color];
    to.lineWidth = Math.max(1, width * scale);
    to.lineCap = to.lineJoin = 'round';
    to.beginPath();
    if (rest.length === 0) { // a dot: a line of no length shows nothing in some browsers
      to.arc(x * scale, y * scale, to.lineWidth / 2, 0, 2 * Math.PI);
      to.fill();
      return;
    }
    to.moveTo(x * scale, y * scale);
    for (const [u, v] of rest) to.lineTo(u * scale, v * scale);
    to.stroke();
  }
}
