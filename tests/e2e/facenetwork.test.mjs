// The network that finds faces: that it is read and computed as its makers meant it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { build } from 'esbuild';
import { root } from '../harness.mjs';

async function moduleOf(file) {
  const { outputFiles: [{ text }] } = await build({ entryPoints: [join(root, file)], bundle: true, format: 'esm', write: false });
  return import(`data:text/javascript,${encodeURIComponent(text)}`);
}

describe('the network that finds faces', () => {
  let model, compile;
  before(async () => {
    const [{ readModel }, network] = await Promise.all([moduleOf('web/worker/model.ts'), moduleOf('web/worker/network.ts')]);
    const file = readFileSync(join(root, 'node_modules/@mediapipe/face_detection/face_detection_short_range.tflite'));
    model = readModel(file.buffer.slice(file.byteOffset, file.byteOffset + file.length));
    ({ compile } = network);
  });

  test('is read as it is: a picture of 128 by 128, 896 places for a face', () => {
    assert.deepEqual(model.tensors[model.input].shape, [1, 128, 128, 3]);
    assert.deepEqual(model.outputs.map((i) => model.tensors[i].shape), [[1, 896, 16], [1, 896, 1]]);
  });

  test('sees nobody in a grey picture, and the same in it each time', () => {
    const run = compile(model, model.outputs[1]);
    const grey = () => Math.max(...run(new Float32Array(128 * 128 * 3)));
    const first = grey();
    assert.ok(first < -2, `${first}`);
    assert.equal(grey(), first);
  });

  test('an operation that it does not know is said', () => {
    const steps = model.steps.map((step) => (step.code === 17 ? { ...step, code: 99 } : step));
    assert.throws(() => compile({ ...model, steps }, model.outputs[1]), /operation 99/);
  });

  // Small ones, computed by hand: [height][width][channels].
  const one = (code, options, shapes, weights, picture) => {
    const tensors = shapes.map((shape, i) => ({ shape, data: weights[i] ? Float32Array.from(weights[i]) : null }));
    const inputs = shapes.map((_, i) => i).slice(0, -1);
    const output = shapes.length - 1;
    return [...compile({ tensors, steps: [{ code, inputs, output, options }], input: 0, outputs: [output] }, output)(Float32Array.from(picture))];
  };

  test('convolutions pad as TensorFlow does: more at the end', () => {
    // 4 by 1 pixels, a window of 3, every second: one pixel is lacking, at the end.
    assert.deepEqual(one(3, [0, 2, 1, 0, 0], [[1, 1, 4, 1], [1, 1, 3, 1], [1], [1, 1, 2, 1]], [null, [1, 10, 100], [0.5]], [1, 2, 3, 4]), [321.5, 43.5]);
    assert.deepEqual(one(3, [1, 1, 1, 0, 0], [[1, 1, 1, 2], [5, 1, 1, 2], [5], [1, 1, 1, 5]], [null, [1, 0, 0, 1, 1, 1, 2, 0, 0, 2], [0, 0, 0, 0, 1]], [3, 4]), [3, 4, 7, 6, 9]);
  });

  test('each channel for itself, and the highest of each window', () => {
    assert.deepEqual(one(4, [0, 1, 1, 1, 0], [[1, 1, 2, 2], [1, 1, 3, 2], [2], [1, 1, 2, 2]], [null, [1, 1, 10, 20, 100, 200], [0, 1]], [1, 2, 3, 4]), [310, 841, 31, 83]);
    assert.deepEqual(one(17, [0, 2, 2, 2, 2], [[1, 2, 2, 2], [1, 1, 1, 2]], [], [1, -8, 5, -6, 2, -7, 3, -9]), [5, -6]);
  });
});
