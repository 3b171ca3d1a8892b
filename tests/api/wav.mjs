// A sound that is made here: PCM, mono, a tone that lasts so many milliseconds.
const RATE = 8000;

export function wav(ms, hertz = 440) {
  const n = Math.round(RATE * ms / 1000);
  const out = Buffer.alloc(44 + 2 * n);
  out.write('RIFF', 0, 'latin1');
  out.writeUInt32LE(out.length - 8, 4);
  out.write('WAVEfmt ', 8, 'latin1');
  out.writeUInt32LE(16, 16);
  out.writeUInt16LE(1, 20);
  out.writeUInt16LE(1, 22);
  out.writeUInt32LE(RATE, 24);
  out.writeUInt32LE(2 * RATE, 28);
  out.writeUInt16LE(2, 32);
  out.writeUInt16LE(16, 34);
  out.write('data', 36, 'latin1');
  out.writeUInt32LE(2 * n, 40);
  for (let i = 0; i < n; i++) out.writeInt16LE(Math.round(8000 * Math.sin(2 * Math.PI * hertz * i / RATE)), 44 + 2 * i);
  return out;
}
