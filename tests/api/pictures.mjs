// Pictures that no tool makes on request, byte by byte.

const u16 = (n) => [n & 255, n >> 8];
const u32 = (n) => [...u16(n & 0xffff), ...u16(n >>> 16)];

// A GIF of so many frames of 70 ms, each in one of two colours. Codes are 3 bits wide; a clear code after each pair
// keeps them so, and nothing need be compressed.
export function gif(width, height, frames) {
  const out = [...Buffer.from('GIF89a'), ...u16(width), ...u16(height), 0x80, 0, 0, 200, 60, 30, 20, 90, 210];
  if (frames > 1) out.push(0x21, 0xff, 11, ...Buffer.from('NETSCAPE2.0'), 3, 1, 0, 0, 0);
  for (let i = 0; i < frames; i++) {
    out.push(0x21, 0xf9, 4, 0, ...u16(7), 0, 0, 0x2c, 0, 0, 0, 0, ...u16(width), ...u16(height), 0, 2, ...lzw(width * height, i & 1), 0);
  }
  return Buffer.from([...out, 0x3b]);
}

function lzw(pixels, colour) {
  const bytes = [];
  let hold = 0;
  let bits = 0;
  const put = (code) => {
    hold |= code << bits;
    for (bits += 3; bits >= 8; bits -= 8, hold >>= 8) bytes.push(hold & 255);
  };
  for (let i = 0; i < pixels; i++) {
    if (i % 2 === 0) put(4);
    put(colour);
  }
  put(5);
  if (bits > 0) bytes.push(hold & 255);
  const blocks = [];
  for (let i = 0; i < bytes.length; i += 255) {
    const block = bytes.slice(i, i + 255);
    blocks.push(block.length, ...block);
  }
  return blocks;
}

// EXIF (TIFF, little endian) that says: lie on the side, made by SecretCamera, at 37.5 degrees north.
export function exif() {
  const ifd = (entries, next = 0) => [...u16(entries.length), ...entries.flat(), ...u32(next)];
  const entry = (tag, type, count, value) => [...u16(tag), ...u16(type), ...u32(count), ...value];
  const make = Buffer.from('SecretCamera\0');
  const first = 8; // of the file; 3 entries take 42 bytes
  const gps = first + 42;
  const text = gps + 30;
  const latitude = text + make.length + 1;
  return Buffer.from([...Buffer.from('II'), ...u16(42), ...u32(first),
    ...ifd([entry(0x010f, 2, make.length, u32(text)), entry(0x0112, 3, 1, [...u16(6), 0, 0]), entry(0x8825, 4, 1, u32(gps))]),
    ...ifd([entry(1, 2, 2, [...Buffer.from('N\0'), 0, 0]), entry(2, 5, 3, u32(latitude))]),
    ...make, 0, ...[37, 1, 30, 1, 0, 1].flatMap(u32)]);
}

// The same JPEG with that in front, and without what was there.
export function jpegTurned(jpeg) {
  const body = Buffer.concat([Buffer.from('Exif\0\0'), exif()]);
  const kept = [];
  let i = 2;
  for (; jpeg[i + 1] !== 0xda; i += 2 + jpeg.readUInt16BE(i + 2)) {
    if (jpeg[i + 1] !== 0xe1) kept.push(jpeg.subarray(i, i + 2 + jpeg.readUInt16BE(i + 2)));
  }
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe1, (body.length + 2) >> 8, (body.length + 2) & 255]), body, ...kept, jpeg.subarray(i)]);
}
