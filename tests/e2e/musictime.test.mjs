// Where the page thinks that music is: random lists held against counting on from the beginning, and what changes in the
// list without moving what is heard.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { transform } from 'esbuild';
import { root } from '../harness.mjs';
import { placeAt as expected } from './musickit.mjs';

const NOW = Date.parse('2031-05-17T12:00:00Z');
const random = (most) => Math.floor(Math.random() * most);

function randomMusic() {
  const tracks = Array.from({ length: 1 + random(6) }, (_, i) => ({ id: 10 * i + 3, message: 100 + i, duration: 100 + random(200000) }));
  const { id, duration } = tracks[random(tracks.length)];
  const playing = random(4) > 0;
  return { room: 1, tracks, track: id, state: playing ? 'playing' : 'paused', position: random(duration), since: playing ? new Date(NOW - random(3600000)).toISOString() : null };
}

describe('the place of music', () => {
  let page;
  before(async () => {
    const { code } = await transform(readFileSync(join(root, 'web/src/music/timeline.ts'), 'utf8'), { loader: 'ts', format: 'esm' });
    page = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  });
  const placeAt = (music, now) => {
    const { track, position } = page.placeAt(music, now);
    return { track: track.id, at: position };
  };

  test('goes on through the list, round and round', () => {
    for (let i = 0; i < 3000; i++) {
      const music = randomMusic();
      assert.deepEqual(placeAt(music, NOW), expected(music, NOW), JSON.stringify(music));
    }
  });

  test('is nowhere without a track', () => {
    assert.equal(page.placeAt({ ...randomMusic(), track: null }, NOW), null);
    assert.equal(page.placeAt({ ...randomMusic(), track: 7 }, NOW), null);
    assert.equal(page.placeAt({ ...randomMusic(), tracks: [] }, NOW), null);
  });

  test('does not jump because the server’s clock seems to be behind', () => {
    const music = { ...randomMusic(), state: 'playing', since: new Date(NOW).toISOString() };
    assert.deepEqual(placeAt(music, NOW - 40), { track: music.track, at: music.position });
  });

  test('stays when a track comes, or one that is not heard goes', () => {
    for (let i = 0; i < 1000; i++) {
      const music = randomMusic();
      const place = placeAt(music, NOW);
      const longer = page.take(music, { type: 'track.added', data: { id: 999, message: 999, duration: 5000 } }, NOW);
      assert.deepEqual(placeAt(longer, NOW), place);
      assert.deepEqual(page.take(longer, { type: 'track.added', data: { id: 999 } }, NOW), longer, 'taken twice');
      const shorter = page.take(longer, { type: 'track.removed', data: { id: place.track === 999 ? 3 : 999 } }, NOW);
      assert.deepEqual(placeAt(shorter, NOW), place);
    }
  });

  test('is at the beginning of the next one when that goes which is heard', () => {
    for (let i = 0; i < 1000; i++) {
      const music = randomMusic();
      const { track } = placeAt(music, NOW);
      const at = music.tracks.findIndex(({ id }) => id === track);
      const after = page.take(music, { type: 'track.removed', data: { id: track } }, NOW);
      if (after.tracks.length === 0) assert.equal(after.track, null);
      else assert.deepEqual(placeAt(after, NOW), { track: music.tracks[(at + 1) % music.tracks.length].id, at: 0 });
    }
  });

  test('is what the server says', () => {
    const music = randomMusic();
    const told = { track: music.tracks[0].id, state: 'paused', position: 12, since: null };
    assert.deepEqual(page.take(music, { type: 'music.updated', data: told }, NOW), { ...music, ...told });
  });
});
