// Short ways for stories about the music of a room: sounds that are made here, and what a page really plays.

const RATE = 8000;

/** A sound of so many seconds, a tone for each: WAV, 16 bits, mono. */
export function wav(seconds, tones = [440]) {
  const samples = Math.round(seconds * RATE);
  const bytes = Buffer.alloc(44 + samples * 2);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(36 + samples * 2, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(RATE, 24);
  bytes.writeUInt32LE(RATE * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(samples * 2, 40);
  for (let i = 0; i < samples; i++) {
    const tone = tones[Math.floor(i / RATE) % tones.length];
    bytes.writeInt16LE(Math.round(6000 * Math.sin(2 * Math.PI * tone * i / RATE)), 44 + i * 2);
  }
  return bytes;
}

/** What a page plays at this moment: { now, track, at }, milliseconds; null for nothing. */
export const heardIn = (page) => page.evaluate(() => {
  const audio = [...document.querySelectorAll('audio[data-track]')].find(({ paused }) => !paused);
  return audio ? { now: Date.now(), track: Number(audio.dataset.track), at: audio.currentTime * 1000, rate: audio.playbackRate, volume: audio.volume, muted: audio.muted } : null;
});

/** Where a list of tracks is at a time, told independently of the page: { track, at }. */
export function placeAt({ tracks, track, state, position, since }, now) {
  let at = tracks.findIndex(({ id }) => id === track);
  let left = position + (state === 'playing' ? now - Date.parse(since) : 0);
  while (left >= tracks[at].duration) {
    left -= tracks[at].duration;
    at = (at + 1) % tracks.length;
  }
  return { track: tracks[at].id, at: left };
}

/** How far two places are from each other, in milliseconds, where the end of the list is beside its beginning. */
export function apart({ tracks }, one, other) {
  const round = tracks.reduce((sum, { duration }) => sum + duration, 0);
  const onRound = ({ track, at }) => tracks.slice(0, tracks.findIndex(({ id }) => id === track)).reduce((sum, { duration }) => sum + duration, at);
  const distance = Math.abs(onRound(one) - onRound(other));
  return Math.min(distance, round - distance);
}
