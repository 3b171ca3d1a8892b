// When somebody has left their desk: looks and clocks as they come, without a camera.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, beforeEach, describe, test } from 'node:test';
import { build } from 'esbuild';
import { root } from '../harness.mjs';

const SECOND = 1000;

async function moduleOf(file) {
  const { outputFiles: [{ text }] } = await build({ entryPoints: [join(root, file)], bundle: true, format: 'esm', write: false });
  return import(`data:text/javascript,${encodeURIComponent(text)}`);
}

describe('who has left the desk', () => {
  let Presence, presence, at;
  /** Looks once a second; resolves with what the clock was told to do, and after how many seconds. */
  const look = (there, seconds) => {
    const acts = [];
    for (let i = 1; i <= seconds; i++) {
      at += SECOND;
      const act = presence.look(there, at);
      if (act) acts.push([act, i]);
    }
    return acts;
  };
  const leave = () => {
    assert.deepEqual(look(false, 21), [['paused', 21]]);
    presence.clock('paused');
  };

  before(async () => { ({ Presence } = await moduleOf('web/src/face/presence.ts')); });
  beforeEach(() => {
    presence = new Presence();
    presence.clock('studying');
    at = 5000;
  });

  test('is paused after 20 seconds, once, and goes on when seen twice', () => {
    assert.deepEqual(look(true, 100), []);
    leave();
    assert.ok(presence.isAway);
    assert.deepEqual(look(false, 100), []);
    assert.deepEqual(look(true, 1), []);
    assert.deepEqual(look(false, 1), []);
    assert.deepEqual(look(true, 10), [['studying', 2]]);
    presence.clock('studying');
    assert.ok(!presence.isAway);
    leave();
  });

  test('who looks away shortly has not gone', () => {
    for (let i = 0; i < 5; i++) {
      assert.deepEqual(look(false, 19), []);
      assert.deepEqual(look(true, 1), []);
    }
  });

  test('nothing follows from time without looks: a lid that was closed', () => {
    look(false, 5);
    at += 3600 * SECOND;
    assert.deepEqual(look(false, 20), []);
    assert.deepEqual(look(false, 1), [['paused', 1]]);
  });

  test('what somebody sets by hand counts: the clock goes on, and has its time', () => {
    leave();
    presence.clock('studying');
    assert.ok(!presence.isAway);
    assert.deepEqual(look(true, 10), []);
    leave();
    presence.clock('studying');
    assert.deepEqual(look(false, 20), []);
  });

  test('what the server says late or does not do changes nothing', () => {
    look(false, 21);
    presence.clock('studying'); // told before it was asked
    assert.deepEqual(look(false, 60), []);
    presence.failed();
    assert.ok(!presence.isAway);
    leave();
    look(true, 2);
    presence.clock('paused');
    presence.failed();
    assert.deepEqual(look(true, 2), [['studying', 2]]);
  });
});
