// SPDX-License-Identifier: MIT
const PATIENCE = 30000;
const BEYOND = 1e9; // seconds: some files say how long they are only to who has been at their end

/** How long a file is, in milliseconds; null if this browser can't play it. */
export function lengthOf(url: string): Promise<number | null> {
  const audio = document.createElement('audio');
  return new Promise<number | null>((resolve) => {
    const look = () => {
      if (Number.isFinite(audio.duration)) resolve(Math.round(audio.duration * 1000) || null);
      else audio.currentTime = BEYOND;
    };
    audio.addEventListener('loadedmetadata', look);
    audio.addEventListener('durationchange', () => { if (Number.isFinite(audio.duration)) look(); });
    audio.addEventListener('error', () => resolve(null));
    setTimeout(() => resolve(null), PATIENCE);
    audio.preload = 'metadata';
    audio.src = url;
  }).finally(() => {
    audio.removeAttribute('src');
    audio.load();
  });
}
