// Short ways for stories about the music of a room: what a page really plays, and where it should be.

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
