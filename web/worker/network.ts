// SPDX-License-Identifier: MIT
// Runs a small network of TensorFlow Lite: one picture, numbers with 32 bits, and only those operations that the finder of
// faces is made of. Arrays are [height][width][channels].
import type { Model, Step, Tensor } from './model';

const CODE = { add: 0, concatenation: 2, convolution: 3, depthwise: 4, dequantize: 6, pool: 17, relu: 19, reshape: 22, pad: 34 };
const SAME = 0;

/** From a picture to one of the outputs. */
export type Network = (picture: Float32Array) => Float32Array;
type Run = () => void;
interface Plan { step: Step; input: Float32Array; output: Float32Array; tensors: Tensor[]; values: Float32Array[] }

const sizeOf = ({ shape }: Tensor): number => shape.reduce((product, n) => product * n, 1);

/** How a window of a size goes over a picture: from how far outside, in which steps. */
function slide(input: Tensor, output: Tensor, [padding = 0, stepX = 1, stepY = 1]: number[], [height = 1, width = 1]: number[]) {
  const [, inHeight = 1, inWidth = 1, channels = 1] = input.shape;
  const [, outHeight = 1, outWidth = 1, outChannels = 1] = output.shape;
  const before = (outside: number) => (padding === SAME ? Math.max(0, outside) >> 1 : 0);
  return {
    inHeight, inWidth, channels, outHeight, outWidth, outChannels, stepX, stepY, height, width,
    top: before((outHeight - 1) * stepY + height - inHeight), left: before((outWidth - 1) * stepX + width - inWidth),
  };
}
type Slide = ReturnType<typeof slide>;

// Four channels at once: each number of the picture is fetched a quarter as often.
const LANES = 4;

/** Weights [to][from] as [to / 4][from][4]. */
function interleave(weights: Float32Array, to: number, from: number): Float32Array {
  const woven = new Float32Array(Math.ceil(to / LANES) * LANES * from);
  for (let o = 0; o < to; o++) for (let i = 0; i < from; i++) woven[(o - o % LANES) * from + i * LANES + o % LANES] = weights[o * from + i]!;
  return woven;
}

function multiply(from: Float32Array, at: number, size: number, woven: Float32Array, bias: Float32Array, to: Float32Array, toAt: number): void {
  const count = bias.length;
  for (let o = 0, w = 0; o < count; o += LANES) {
    let a = 0, b = 0, c = 0, d = 0;
    for (let i = at; i < at + size; i++, w += LANES) {
      const x = from[i]!;
      a += x * woven[w]!;
      b += x * woven[w + 1]!;
      c += x * woven[w + 2]!;
      d += x * woven[w + 3]!;
    }
    to[toAt + o] = a + bias[o]!;
    if (o + 1 < count) to[toAt + o + 1] = b + bias[o + 1]!;
    if (o + 2 < count) to[toAt + o + 2] = c + bias[o + 2]!;
    if (o + 3 < count) to[toAt + o + 3] = d + bias[o + 3]!;
  }
}

/** What the window sees at a place; nothing outside. */
function cut(from: Float32Array, patch: Float32Array, s: Slide, x: number, y: number): void {
  const row = s.width * s.channels;
  const left = x * s.stepX - s.left;
  const [first, last] = [Math.max(0, left), Math.min(s.inWidth, left + s.width)];
  patch.fill(0);
  for (let dy = 0; dy < s.height; dy++) {
    const inY = y * s.stepY - s.top + dy;
    if (inY < 0 || inY >= s.inHeight) continue;
    const at = inY * s.inWidth * s.channels;
    patch.set(from.subarray(at + first * s.channels, at + last * s.channels), dy * row + (first - left) * s.channels);
  }
}

function weightsOf({ step, tensors, values }: Plan): { kernel: Float32Array; bias: Float32Array; size: number[] } {
  const [, kernel = -1, bias = -1] = step.inputs;
  return { kernel: values[kernel]!, bias: values[bias]!, size: tensors[kernel]!.shape.slice(1, 3) };
}

function convolution(plan: Plan): Run {
  const { step, input, output, tensors } = plan;
  const { kernel, bias, size } = weightsOf(plan);
  const s = slide(tensors[step.inputs[0]!]!, tensors[step.output]!, step.options, size);
  const patch = new Float32Array(s.height * s.width * s.channels);
  const woven = interleave(kernel, s.outChannels, patch.length);
  const isPoint = s.height * s.width * s.stepX * s.stepY === 1;
  return () => {
    for (let y = 0, at = 0; y < s.outHeight; y++) {
      for (let x = 0; x < s.outWidth; x++, at++) {
        if (!isPoint) cut(input, patch, s, x, y);
        multiply(isPoint ? input : patch, isPoint ? at * s.channels : 0, patch.length, woven, bias, output, at * s.outChannels);
      }
    }
  };
}

/** Each channel for itself. */
function depthwise(plan: Plan): Run {
  const { step, input, output, tensors } = plan;
  const { kernel, bias, size } = weightsOf(plan);
  const s = slide(tensors[step.inputs[0]!]!, tensors[step.output]!, step.options, size);
  const [from, weight] = [new Int32Array(s.height * s.width), new Int32Array(s.height * s.width)]; // of what is not outside
  const one = (x: number, y: number, to: number) => {
    let count = 0;
    for (let tap = 0; tap < from.length; tap++) {
      const inX = x * s.stepX - s.left + tap % s.width;
      const inY = y * s.stepY - s.top + Math.floor(tap / s.width);
      if (inX < 0 || inX >= s.inWidth || inY < 0 || inY >= s.inHeight) continue;
      from[count] = (inY * s.inWidth + inX) * s.channels;
      weight[count++] = tap * s.channels;
    }
    for (let c = 0; c < s.channels; c++) {
      let sum = bias[c]!;
      for (let i = 0; i < count; i++) sum += input[from[i]! + c]! * kernel[weight[i]! + c]!;
      output[to + c] = sum;
    }
  };
  return () => {
    for (let y = 0, to = 0; y < s.outHeight; y++) for (let x = 0; x < s.outWidth; x++, to += s.channels) one(x, y, to);
  };
}

/** The highest of each window. */
function pool({ step, input, output, tensors }: Plan): Run {
  const [, , , width = 1, height = 1] = step.options;
  const s = slide(tensors[step.inputs[0]!]!, tensors[step.output]!, step.options, [height, width]);
  const highest = (x: number, y: number, c: number) => {
    let best = -Infinity;
    for (let inY = y * s.stepY; inY < Math.min(y * s.stepY + height, s.inHeight); inY++) {
      for (let inX = x * s.stepX; inX < Math.min(x * s.stepX + width, s.inWidth); inX++) best = Math.max(best, input[(inY * s.inWidth + inX) * s.channels + c]!);
    }
    return best;
  };
  return () => {
    for (let y = 0, to = 0; y < s.outHeight; y++) for (let x = 0; x < s.outWidth; x++) for (let c = 0; c < s.channels; c++, to++) output[to] = highest(x, y, c);
  };
}

/** More channels, of zeros. */
function pad({ step, input, output, tensors }: Plan): Run {
  const [few, many] = [tensors[step.inputs[0]!]!.shape[3]!, tensors[step.output]!.shape[3]!];
  return () => { for (let from = 0, to = 0; from < input.length; from += few, to += many) output.set(input.subarray(from, from + few), to); };
}

function add({ step, output, values }: Plan): Run {
  const [a, b] = step.inputs.map((i) => values[i]!) as [Float32Array, Float32Array];
  return () => { for (let i = 0; i < output.length; i++) output[i] = a[i]! + b[i]!; };
}

const relu = ({ input, output }: Plan): Run => () => { for (let i = 0; i < output.length; i++) output[i] = Math.max(0, input[i]!); };
const reshape = ({ input, output }: Plan): Run => () => output.set(input);

function concatenation({ step, output, values }: Plan): Run {
  return () => {
    let at = 0;
    for (const i of step.inputs) {
      output.set(values[i]!, at);
      at += values[i]!.length;
    }
  };
}

const makers = new Map<number, (plan: Plan) => Run>([
  [CODE.add, add], [CODE.concatenation, concatenation], [CODE.convolution, convolution], [CODE.depthwise, depthwise],
  [CODE.dequantize, reshape], // the numbers with 16 bits have become larger ones when they were read
  [CODE.pool, pool], [CODE.relu, relu], [CODE.reshape, reshape], [CODE.pad, pad],
]);

/** The steps that lead to an output, in their order. */
function stepsTo({ steps }: Model, output: number): Step[] {
  const needed = new Set([output]);
  return [...steps].reverse().filter((step) => needed.has(step.output) && step.inputs.every((i) => needed.add(i))).reverse();
}

/** Whatever leads to other outputs only is left out. Throws at what it does not know. */
export function compile(model: Model, output: number): Network {
  const { tensors } = model;
  const values = tensors.map((one) => (one.data instanceof Float32Array ? one.data : new Float32Array(sizeOf(one))));
  const runs: Run[] = [];
  for (const step of stepsTo(model, output)) {
    const make = makers.get(step.code);
    if (!make) throw new Error(`operation ${step.code}`);
    const run = make({ step, input: values[step.inputs[0]!]!, output: values[step.output]!, tensors, values });
    // What does not depend on the picture is done once.
    if (step.code === CODE.dequantize) run();
    else runs.push(run);
  }
  return (picture) => {
    values[model.input]!.set(picture);
    for (const run of runs) run();
    return values[output]!;
  };
}
