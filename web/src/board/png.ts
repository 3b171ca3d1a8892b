// SPDX-License-Identifier: MIT
// A board as a picture to keep: on white, whatever the theme.
import { dayKey } from '../i18n';
import { inksOnPaper, PLANE, Surface, type Shape } from './shape';

const WIDTH = 2048; // half of the plane: phones have no memory for more

/** element: one of the board's, which knows the colours. */
export async function savePng(shapes: Iterable<Shape>, element: Element, title: string): Promise<void> {
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = WIDTH * PLANE.height / PLANE.width;
  new Surface(canvas, inksOnPaper(element)).redraw(shapes, '#fff');
  const blob = await new Promise<Blob | null>((resolve) => { canvas.toBlob(resolve, 'image/png'); });
  if (!blob) throw new Error('this browser makes no picture');
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `${title.replace(/[\\/:*?"<>|]/g, '_')} ${dayKey(new Date())}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
