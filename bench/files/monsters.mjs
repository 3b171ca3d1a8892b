// Files that want to harm whoever decodes them: [{ name, bytes, foreign?, mayDecode? }]. What mayDecode is a picture, too; then
// it must come out without its foreign bytes.
import { execFileSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { gif } from '../../tests/api/pictures.mjs';

const FOREIGN = 'alert("foreign bytes")';
const MB = 1 << 20;
const text = (s) => Buffer.from(s, 'latin1');
const cat = (...parts) => Buffer.concat(parts.map((part) => (typeof part === 'string' ? text(part) : Buffer.from(part))));
const u32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32BE(n >>> 0); return b; };
const le32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32LE(n >>> 0); return b; };
const patch = (bytes, at, ...values) => { const copy = Buffer.from(bytes); copy.set(values, at); return copy; };
const cut = (bytes, share) => bytes.subarray(0, Math.floor(bytes.length * share));
const noise = (n) => randomFillSync(Buffer.alloc(n));
// The same ones in each run.
const flip = (bytes, from, n) => {
  const copy = Buffer.from(bytes);
  for (let i = 0; i < n; i++) copy[from + Math.floor(((i + 1) * (copy.length - from)) / (n + 1))] ^= 0x55;
  return copy;
};

// ---- PNG ----

const crcTable = Array.from({ length: 256 }, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1; return n >>> 0; });
const crc = (bytes) => { let c = ~0; for (const b of bytes) c = crcTable[(c ^ b) & 255] ^ (c >>> 8); return ~c >>> 0; };
const chunk = (name, body) => { const all = cat(name, body); return cat(u32(all.length - 4), all, u32(crc(all))); };
const START = text('\x89PNG\r\n\x1a\n');
const header = (width, height, depth = 8, colour = 0, interlace = 0) => chunk('IHDR', cat(u32(width), u32(height), [depth, colour, 0, 0, interlace]));
const END = chunk('IEND', '');
const rows = (width, height, depth = 8) => deflateSync(Buffer.alloc((Math.ceil((width * depth) / 8) + 1) * height), { level: 1 });
const png = (width, height, { depth = 8, interlace = 0, before = [], data = rows(width, height, depth), after = [] } = {}) =>
  cat(START, header(width, height, depth, 0, interlace), ...before, chunk('IDAT', data), ...after, END);

function pngs() {
  const good = png(64, 64);
  const idat = good.indexOf('IDAT');
  const bomb = deflateSync(Buffer.alloc(300 * MB), { level: 9 });
  return [
    { name: 'png of 30000x30000', bytes: png(30000, 30000, { depth: 1 }) },
    { name: 'png of 30000x30000, interlaced', bytes: png(30000, 30000, { depth: 1, interlace: 1 }) },
    { name: 'png that claims 2^31-1', bytes: png(0x7fffffff, 0x7fffffff, { data: rows(9, 9) }) },
    { name: 'png of 40000x1', bytes: png(40000, 1) },
    { name: 'png of 1x40000', bytes: png(1, 40000) },
    { name: 'png of 7000x7100 pixels, and none there', bytes: png(7000, 7100, { data: rows(9, 9) }) },
    { name: 'png of 49 megapixels, interlaced, 16 bits', bytes: png(7000, 7000, { depth: 16, interlace: 1, data: rows(7000, 7200, 16) }), mayDecode: true },
    { name: 'png of 0x0', bytes: png(0, 0, { data: rows(1, 1) }) },
    { name: 'png, IDAT too long by 300 MB', bytes: png(16, 16, { data: bomb }), mayDecode: true },
    { name: 'png, zTXt of 300 MB', bytes: png(16, 16, { before: [chunk('zTXt', cat('Comment\0\0', bomb))] }), mayDecode: true },
    { name: 'png, iCCP of 300 MB', bytes: png(16, 16, { before: [chunk('iCCP', cat('icc\0\0', bomb))] }), mayDecode: true },
    { name: 'png, 2000 zTXt', bytes: png(16, 16, { before: Array(2000).fill(chunk('zTXt', cat('Comment\0\0', deflateSync(Buffer.alloc(MB))))) }), mayDecode: true },
    { name: 'png, animated, 5000 frames', bytes: png(16, 16, { before: [chunk('acTL', cat(u32(5000), u32(0)))], after: Array(5000).fill(chunk('fdAT', cat(u32(1), FOREIGN))) }), foreign: FOREIGN, mayDecode: true },
    { name: 'png, wrong checksum of IHDR', bytes: patch(good, 29, 0, 0) },
    { name: 'png, wrong checksum of IDAT', bytes: patch(good, good.length - 16, 1, 2, 3, 4) },
    { name: 'png, cut after IHDR', bytes: good.subarray(0, 33) },
    { name: 'png, cut in IDAT', bytes: good.subarray(0, idat + 10) },
    { name: 'png, cut in its signature', bytes: good.subarray(0, 5) },
    { name: 'png, IDAT is noise', bytes: png(64, 64, { data: noise(5000) }) },
    { name: 'png, no IDAT', bytes: cat(START, header(64, 64), END) },
    { name: 'png and HTML behind it', bytes: cat(good, `<script>${FOREIGN}</script>`), foreign: FOREIGN, mayDecode: true },
    { name: 'png with PHP in a comment', bytes: png(16, 16, { before: [chunk('tEXt', `Comment\0<?php ${FOREIGN} ?>`)] }), foreign: FOREIGN, mayDecode: true },
    { name: 'png, then noise', bytes: cat(START, noise(MB)) },
  ];
}

// ---- JPEG ----

function jpegs(good, progressive, vast) {
  const sof = good.indexOf(Buffer.from([0xff, 0xc0]));
  const dqt = good.indexOf(Buffer.from([0xff, 0xdb]));
  const dht = good.indexOf(Buffer.from([0xff, 0xc4]));
  const sos = good.indexOf(Buffer.from([0xff, 0xda]));
  const lastScan = progressive.lastIndexOf(Buffer.from([0xff, 0xda]));
  const scan = progressive.subarray(lastScan, progressive.length - 2);
  return [
    { name: 'jpeg that claims 30000x30000', bytes: patch(good, sof + 5, 0x75, 0x30, 0x75, 0x30) },
    { name: 'jpeg that claims 65500x1', bytes: patch(good, sof + 5, 0, 1, 0xff, 0xdc) },
    { name: 'jpeg that claims 7000x7000', bytes: patch(good, sof + 5, 0x1b, 0x58, 0x1b, 0x58) },
    { name: 'jpeg of 49 megapixels, progressive', bytes: vast, mayDecode: true },
    { name: 'jpeg of no height', bytes: patch(good, sof + 5, 0, 0) },
    { name: 'jpeg of 20000 scans', bytes: cat(progressive.subarray(0, -2), ...Array(20000).fill(scan), [0xff, 0xd9]), mayDecode: true },
    { name: 'jpeg, cut in its header', bytes: good.subarray(0, sof + 4) },
    { name: 'jpeg, cut before its pixels', bytes: good.subarray(0, sos) },
    { name: 'jpeg, cut in half', bytes: cut(good, 0.5) },
    { name: 'jpeg, cut near the end', bytes: cut(good, 0.95) },
    { name: 'jpeg, nothing but a start', bytes: good.subarray(0, 3) },
    { name: 'jpeg without Huffman tables', bytes: cat(good.subarray(0, dht), good.subarray(sos)), mayDecode: true },
    { name: 'jpeg, its Huffman table is wrong', bytes: patch(good, dht + 5, ...Array(16).fill(255)) },
    { name: 'jpeg, its quantisation table is wrong', bytes: patch(good, dqt + 2, 0xff, 0xff) },
    { name: 'jpeg, flipped bits in its pixels', bytes: flip(good, sos + 14, 40), mayDecode: true },
    { name: 'jpeg and a zip behind it', bytes: cat(good, 'PK\x03\x04', FOREIGN), foreign: FOREIGN, mayDecode: true },
    { name: 'jpeg with HTML in a comment', bytes: cat(good.subarray(0, 2), [0xff, 0xfe, 0, FOREIGN.length + 2], FOREIGN, good.subarray(2)), foreign: FOREIGN, mayDecode: true },
    { name: 'jpeg, then noise', bytes: cat([0xff, 0xd8, 0xff], noise(MB)) },
  ];
}

// ---- GIF, WebP, AVIF ----

function gifs() {
  const good = gif(40, 30, 3);
  return [
    { name: 'gif of 10,000 frames', bytes: gif(2, 2, 10000) },
    { name: 'gif of 300 frames and 75 megapixels', bytes: gifOn(500, 500, 300) },
    { name: 'gif that claims 65535x65535', bytes: patch(good, 6, 255, 255, 255, 255), mayDecode: true },
    { name: 'gif, cut in half', bytes: cut(good, 0.5) },
    { name: 'gif, cut after its header', bytes: good.subarray(0, 13) },
    { name: 'gif, code size of 99', bytes: patch(gif(40, 30, 1), gif(40, 30, 1).indexOf(0x2c) + 10, 99) },
    { name: 'gif that is a script', bytes: cat('GIF89a', '/*', good.subarray(8), `*/=1;${FOREIGN}`), foreign: FOREIGN },
    { name: 'gif and a script behind it', bytes: cat(good, FOREIGN), foreign: FOREIGN },
    { name: 'gif with a script in a comment', bytes: cat(good.subarray(0, -1), [0x21, 0xfe, FOREIGN.length], FOREIGN, [0, 0x3b]), foreign: FOREIGN, mayDecode: true },
    { name: 'gif, then noise', bytes: cat('GIF89a', noise(MB)) },
  ];
}

// Frames of one pixel on a large canvas.
function gifOn(width, height, frames) {
  const bytes = gif(1, 1, frames);
  bytes.writeUInt16LE(width, 6);
  bytes.writeUInt16LE(height, 8);
  return bytes;
}

const riff = (...chunks) => { const body = cat('WEBP', ...chunks); return cat('RIFF', le32(body.length), body); };
const webpChunk = (name, body) => cat(name, le32(body.length), body, Buffer.alloc(body.length & 1));

function webps(good, moving) {
  return [
    { name: 'webp, cut in half', bytes: cut(good, 0.5) },
    { name: 'webp, cut near the end', bytes: cut(good, 0.9) },
    { name: 'webp that moves, cut in half', bytes: cut(moving, 0.5) },
    { name: 'webp on a canvas of 16384x16384', bytes: riff(webpChunk('VP8X', cat([2, 0, 0, 0], [255, 63, 0], [255, 63, 0])), webpChunk('ANIM', Buffer.alloc(6)), moving.subarray(moving.indexOf('ANMF'))) },
    { name: 'webp that claims 16383x16383', bytes: riff(webpChunk('VP8L', cat([0x2f, 0xfe, 0xff, 0xff, 0x0f], noise(4000)))) },
    { name: 'webp, size of 4 GB', bytes: patch(good, 4, 255, 255, 255, 255) },
    { name: 'webp, flipped bits in its header', bytes: flip(good.subarray(0, 40), 20, 8) },
    { name: 'webp with a script in a chunk', bytes: riff(good.subarray(12), webpChunk('JUNK', text(FOREIGN))), foreign: FOREIGN, mayDecode: true },
    { name: 'webp, then noise', bytes: cat('RIFF', le32(MB), 'WEBPVP8 ', noise(MB)) },
  ];
}

function heifs(good) {
  const ispe = good.indexOf('ispe');
  const nested = Buffer.concat(Array.from({ length: 10000 }, (_, i) => cat(u32(8 * (10000 - i)), 'moov')));
  const iloc = good.indexOf('iloc');
  return [
    { name: 'avif that claims 65535x65535', bytes: patch(good, ispe + 8, 0, 0, 255, 255, 0, 0, 255, 255) },
    { name: 'avif that claims 2^32-1', bytes: patch(good, ispe + 8, ...Array(8).fill(255)) },
    { name: 'avif, cut in half', bytes: cut(good, 0.5) },
    { name: 'avif, its place is elsewhere', bytes: patch(good, iloc + 8, ...Array(12).fill(0x7f)) },
    { name: 'avif of nothing', bytes: good.subarray(0, 32) },
    { name: 'avif of 10,000 boxes in boxes', bytes: cat(u32(24), 'ftypavif', u32(0), 'avifmif1', nested) },
    { name: 'avif, a box of 2^64-1 bytes', bytes: cat(u32(24), 'ftypavif', u32(0), 'avifmif1', u32(1), 'meta', Buffer.alloc(8, 255)) },
  ];
}

// ---- what is no picture of ours at all ----

function others(tool) {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';
  const mvg = 'push graphic-context\nviewbox 0 0 9 9\nfill \'url(https://127.0.0.1/x.jpg"|ls "-la)\'\npop graphic-context';
  const made = ['tif', 'ppm', 'v', 'hdr', 'fits'].map((end) => ({ name: `${end} named .jpg`, bytes: tool(end) })).filter(({ bytes }) => bytes);
  return [...made,
    { name: 'svg named .jpg', bytes: text(svg) },
    { name: 'svg that reads a file', bytes: text(`<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>${svg.replace('<rect', '<text>&x;</text><rect')}`) },
    { name: 'html named .png', bytes: text(`<!doctype html><script>${FOREIGN}</script>`) },
    { name: 'pdf named .jpg', bytes: text('%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF') },
    { name: 'zip named .jpg', bytes: cat('PK\x03\x04\x14\0\0\0\0\0', Buffer.alloc(100)) },
    { name: 'bmp named .jpg', bytes: cat('BM', le32(58), le32(0), le32(54), le32(40), le32(30000), le32(30000), [1, 0, 24, 0], Buffer.alloc(28)) },
    { name: 'exr named .jpg', bytes: cat([0x76, 0x2f, 0x31, 0x01, 2, 0, 0, 0], noise(1000)) },
    { name: 'ico named .jpg', bytes: cat([0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 32, 0], noise(1000)) },
    { name: 'mvg named .jpg', bytes: text(mvg) },
    { name: 'msl named .png', bytes: text('<?xml version="1.0"?><image><read filename="/etc/passwd"/><write filename="/tmp/x"/></image>') },
    { name: 'PostScript named .jpg', bytes: text('%!PS\nuserdict /setpagedevice undef\n(%pipe%id) (w) file\nshowpage') },
    { name: 'JPEG 2000 named .jpg', bytes: cat(u32(12), 'jP  \r\n\x87\n', noise(1000)) },
    { name: 'JPEG XL named .jpg', bytes: cat([0xff, 0x0a], noise(1000)) },
    { name: 'a program named .png', bytes: readFileSync('/bin/true') },
    { name: '20 MB of zeros', bytes: Buffer.alloc(20 * MB - 1000) },
    { name: 'nothing at all', bytes: Buffer.alloc(0) },
    { name: 'one byte', bytes: Buffer.from([0xff]) },
  ];
}

// Calls vips for what is to be broken.
export function monsters() {
  const dir = mkdtempSync(join(tmpdir(), 'maru-monsters-'));
  const vips = (...args) => execFileSync('vips', args, { cwd: dir, stdio: 'ignore' });
  const as = (name, options = '', from = 'photo.v') => { vips('copy', from, name + options); return readFileSync(join(dir, name)); };
  const tool = (end) => { try { return as(`x.${end}`); } catch { return null; } };
  try {
    vips('gaussnoise', 'noise.v', '320', '240', '--mean', '128', '--sigma', '40');
    vips('bandjoin', 'noise.v noise.v noise.v', 'three.v');
    vips('cast', 'three.v', 'bytes.v', 'uchar');
    vips('copy', 'bytes.v', 'photo.v', '--interpretation', 'srgb');
    vips('black', 'black.v', '1600', '1600', '--bands', '3');
    vips('black', 'vast.v', '7000', '7000', '--bands', '3');
    execFileSync('sh', ['-c', 'cat > moving.gif'], { cwd: dir, input: gif(40, 30, 8) });
    const moving = as('moving.webp', '', 'moving.gif[n=-1]');
    let avif = null;
    try { avif = as('photo.avif', '[compression=av1]'); } catch { /* a vips that writes none */ }
    return [...pngs(), ...jpegs(as('photo.jpg'), as('p.jpg', '[interlace]', 'black.v'), as('vast.jpg', '[interlace,subsample_mode=off]', 'vast.v')), ...gifs(),
      ...webps(as('photo.webp'), moving), ...(avif ? heifs(avif) : []), ...others(tool)];
  } finally {
    rmSync(dir, { recursive: true });
  }
}
