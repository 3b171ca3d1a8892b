// SPDX-License-Identifier: MIT
// Cuts a square out of a picture: dragged and zoomed with a pointer, or with arrows, + and -.
import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import { ask } from '../ui/dialog';

const SIDE = 512; // pixels of the result
const MOST = 4; // zoom
const STEP = 24; // pixels of the result that an arrow moves by

interface Cut { x: number; y: number; zoom: number } // the middle, as a part of the picture

const clamp = (value: number, from: number, to: number): number => Math.min(to, Math.max(from, value));

// How much of the picture the square shows, at most half of which may lie beside its middle.
function within({ x, y, zoom }: Cut, { width, height }: ImageBitmap): Cut {
  const side = Math.min(width, height) / zoom / 2;
  return { x: clamp(x, side / width, 1 - side / width), y: clamp(y, side / height, 1 - side / height), zoom };
}

function draw(canvas: HTMLCanvasElement, image: ImageBitmap, { x, y, zoom }: Cut): void {
  const side = Math.min(image.width, image.height) / zoom;
  const context = canvas.getContext('2d')!;
  context.clearRect(0, 0, SIDE, SIDE);
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, x * image.width - side / 2, y * image.height - side / 2, side, side, 0, 0, SIDE, SIDE);
}

/** Asks which square of a picture; the file itself where there is nothing to cut, null for none. */
export async function crop(file: File): Promise<File | null> {
  if (file.type === 'image/gif') return file; // it may move
  const image = await createImageBitmap(file).catch(() => null); // the server says what is wrong with it
  if (!image || image.width === image.height) return file;
  return ask<File>((close) => <CropDialog image={image} file={file} close={close} />);
}

function CropDialog({ image, file, close }: { image: ImageBitmap; file: File; close: (file: File | null) => void }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [cut, setCut] = useState<Cut>({ x: 0.5, y: 0.5, zoom: 1 });
  const held = useRef<{ x: number; y: number } | null>(null);
  useEffect(() => draw(canvas.current!, image, cut), [cut]);
  const change = (how: (cut: Cut) => Cut) => setCut((before) => within(how(before), image));
  // Pixels of the result, as a part of the picture.
  const move = (dx: number, dy: number) => change(({ x, y, zoom }) => {
    const scale = Math.min(image.width, image.height) / zoom / SIDE;
    return { x: x - dx * scale / image.width, y: y - dy * scale / image.height, zoom };
  });
  const zoomBy = (factor: number) => change((before) => ({ ...before, zoom: clamp(before.zoom * factor, 1, MOST) }));
  const drag = (event: PointerEvent) => {
    if (!held.current) return;
    const scale = SIDE / canvas.current!.clientWidth;
    move((event.clientX - held.current.x) * scale, (event.clientY - held.current.y) * scale);
    held.current = { x: event.clientX, y: event.clientY };
  };
  const keys = (event: KeyboardEvent) => {
    const by: Record<string, () => void> = {
      ArrowLeft: () => move(STEP, 0), ArrowRight: () => move(-STEP, 0), ArrowUp: () => move(0, STEP), ArrowDown: () => move(0, -STEP),
      '+': () => zoomBy(1.1), '=': () => zoomBy(1.1), '-': () => zoomBy(1 / 1.1),
    };
    if (!by[event.key]) return;
    event.preventDefault();
    by[event.key]!();
  };
  const type = file.type === 'image/png' ? 'image/png' : 'image/jpeg';
  const submit = (event: Event) => {
    event.preventDefault();
    canvas.current!.toBlob((blob) => close(blob && new File([blob], type === 'image/png' ? 'avatar.png' : 'avatar.jpg', { type })), type, 0.92);
  };
  return (
    <dialog id="crop" aria-labelledby="crop-heading">
      <form onSubmit={submit}>
        <h2 id="crop-heading">{t('cropPicture')}</h2>
        <canvas ref={canvas} width={SIDE} height={SIDE} tabIndex={0} role="application" aria-label={t('cropHint')} onKeyDown={keys}
          onWheel={(event) => {
            event.preventDefault();
            zoomBy(event.deltaY < 0 ? 1.08 : 1 / 1.08);
          }}
          onPointerDown={(event) => {
            held.current = { x: event.clientX, y: event.clientY };
            canvas.current!.setPointerCapture(event.pointerId);
          }}
          onPointerMove={drag} onPointerUp={() => { held.current = null; }} onPointerCancel={() => { held.current = null; }} />
        <label><span>{t('zoom')}</span>
          <input type="range" min={1} max={MOST} step={0.01} value={cut.zoom} onInput={(event) => { const zoom = Number(event.currentTarget.value); change((before) => ({ ...before, zoom })); }} />
        </label>
        <p class="about">{t('cropHint')}</p>
        <div class="actions"><button type="button" data-cancel onClick={() => close(null)}>{t('cancel')}</button><button class="primary">{t('useThis')}</button></div>
      </form>
    </dialog>
  );
}
