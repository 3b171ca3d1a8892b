// SPDX-License-Identifier: MIT
// Reads a file of TensorFlow Lite: a FlatBuffer, of which only what a network needs is looked at. Tables point to where the
// places of their fields stand, and a field that has its default is not there at all.

export interface Tensor {
  shape: number[];
  /** What is in the file: weights; null: it is computed. */
  data: Float32Array | Int32Array | null;
}
export interface Step { code: number; inputs: number[]; output: number; /** The first fields of its options: bytes and integers of small numbers. */ options: number[] }
export interface Model { tensors: Tensor[]; steps: Step[]; input: number; outputs: number[] }

const TYPE = { float32: 0, float16: 1, int32: 2 };
const OPTIONS = 5;

class Reader {
  #view: DataView;
  constructor(readonly file: ArrayBuffer) { this.#view = new DataView(file); }

  int = (at: number): number => this.#view.getInt32(at, true);
  byte = (at: number): number => this.#view.getInt8(at);
  half = (at: number): number => {
    const bits = this.#view.getUint16(at, true);
    const [sign, power, part] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
    return sign * (power === 0 ? part * 2 ** -24 : (1 + part / 1024) * 2 ** (power - 15));
  };
  follow = (at: number): number => at + this.int(at);

  /** Where a field of a table is; 0: it is not there. */
  field(table: number, index: number): number {
    const places = table - this.int(table);
    const entry = 4 + 2 * index;
    const offset = entry < this.#view.getUint16(places, true) ? this.#view.getUint16(places + entry, true) : 0;
    return offset && table + offset;
  }

  number(table: number, index: number, read = this.int): number {
    const at = this.field(table, index);
    return at && read(at);
  }

  /** Where the elements of a list begin, and how many there are. */
  list(table: number, index: number): { at: number; count: number } {
    const field = this.field(table, index);
    if (!field) return { at: 0, count: 0 };
    const at = this.follow(field);
    return { at: at + 4, count: this.int(at) };
  }

  each<T>(table: number, index: number, size: number, read: (at: number) => T): T[] {
    const { at, count } = this.list(table, index);
    return Array.from({ length: count }, (_, i) => read(at + size * i));
  }

  ints(table: number, index: number): number[] { return this.each(table, index, 4, this.int); }
  tables(table: number, index: number): number[] { return this.each(table, index, 4, this.follow); }
}

function contents(reader: Reader, buffer: number, type: number): Tensor['data'] {
  if (reader.list(buffer, 0).count === 0) return null;
  if (type === TYPE.float16) return Float32Array.from(reader.each(buffer, 0, 2, reader.half).slice(0, reader.list(buffer, 0).count / 2));
  const { at, count } = reader.list(buffer, 0);
  const bytes = reader.file.slice(at, at + count); // aligned
  if (type === TYPE.float32) return new Float32Array(bytes);
  if (type === TYPE.int32) return new Int32Array(bytes);
  throw new Error(`a tensor of type ${type}`);
}

/** Throws at what it does not know. */
export function readModel(file: ArrayBuffer): Model {
  const reader = new Reader(file);
  const root = reader.follow(0);
  const graph = reader.tables(root, 2)[0]!;
  const buffers = reader.tables(root, 4);
  const codes = reader.tables(root, 1).map((one) => reader.number(one, 0, reader.byte));
  const tensors = reader.tables(graph, 0).map((one) => ({
    shape: reader.ints(one, 0), data: contents(reader, buffers[reader.number(one, 2)]!, reader.number(one, 1, reader.byte)),
  }));
  const steps = reader.tables(graph, 3).map((one) => {
    const options = reader.field(one, 4) && reader.follow(reader.field(one, 4));
    return {
      code: codes[reader.number(one, 0)]!, inputs: reader.ints(one, 1), output: reader.ints(one, 2)[0]!,
      options: Array.from({ length: OPTIONS }, (_, i) => (options ? reader.number(options, i, reader.byte) : 0)),
    };
  });
  return { tensors, steps, input: reader.ints(graph, 1)[0]!, outputs: reader.ints(graph, 2) };
}
