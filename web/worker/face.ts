// SPDX-License-Identifier: MIT
// Looks whether there is a face in a picture, beside the page, which must not be held up by it. It fetches one file, and sends
// nothing but a number to the page. It asks for each picture itself: the timers of a window that nobody sees may stand still,
// those of a worker go on.
import { readModel } from './model';
import { compile, type Network } from './network';

declare const self: DedicatedWorkerGlobalScope;

const EVERY = 1000; // milliseconds

async function load(): Promise<Network> {
  const answer = await fetch('face.tflite');
  if (!answer.ok) throw new Error(`${answer.status}`);
  const model = readModel(await answer.arrayBuffer());
  // One output has a number for each place where a face may be, the other says where exactly; that nobody needs to know.
  const scores = model.outputs.find((i) => model.tensors[i]!.shape.at(-1) === 1);
  if (scores === undefined) throw new Error('no scores');
  return compile(model, scores);
}

// The pictures that it has learned from had colours from -1 to 1, and no transparency.
function colours(rgba: Uint8ClampedArray): Float32Array {
  return Float32Array.from({ length: rgba.length / 4 * 3 }, (_, i) => rgba[Math.floor(i / 3) * 4 + i % 3]! / 127.5 - 1);
}

async function begin(): Promise<void> {
  const network = await load();
  self.addEventListener('message', ({ data }: MessageEvent<Uint8ClampedArray>) => {
    const best = network(colours(data)).reduce((a, b) => Math.max(a, b), -Infinity);
    self.postMessage({ score: 1 / (1 + Math.exp(-best)) });
  });
  const ask = () => self.postMessage({ ask: true });
  setInterval(ask, EVERY);
  ask();
}

begin().catch(() => self.postMessage({ failed: true }));

export {};
