// Calls of people whose networks let nothing through but to a relay.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startTurn, turnConf } from '../turn.mjs';
import { accept, call, directRoom, end, isFree, MEDIA_FLAGS, receives, watchMedia } from './callkit.mjs';
import { goTo, openParty } from './roomkit.mjs';

/** Which kind of way each connection has taken. */
const waysOf = ({ page }) => page.evaluate(() => Promise.all(noted.peers.filter(({ connectionState }) => connectionState === 'connected').map(async (peer) => {
  const stats = await peer.getStats();
  const { selectedCandidatePairId } = [...stats.values()].find(({ type }) => type === 'transport');
  return stats.get(stats.get(selectedCandidatePairId).localCandidateId).candidateType;
})));

describe('calls through a relay', { timeout: 200000 }, () => {
  let turn, party;

  before(async () => {
    turn = await startTurn();
    party = await openParty({ ...turnConf(turn), presence_linger: 0 }, MEDIA_FLAGS);
  });
  after(async () => {
    await party?.close();
    await turn?.stop();
  });

  test('S2.video-1, S3.video-call-6: who can reach each other through the relay only see and hear each other', async () => {
    const direct = await directRoom(party.rest.ann, party.users.bora.id);
    const [ann, bora] = [await party.open('ann', { init: watchMedia }), await party.open('bora', { init: watchMedia })];
    for (const one of [ann, bora]) {
      await one.page.evaluate(() => { noted.config = { iceTransportPolicy: 'relay' }; });
      await goTo(one, direct);
    }
    await call(ann);
    await accept(bora);
    await Promise.all([receives(ann, 1), receives(bora, 1)]);
    assert.deepEqual([await waysOf(ann), await waysOf(bora)], [['relay'], ['relay']]);
    await end(ann, bora);
    for (const one of [ann, bora]) {
      await isFree(one);
      one.checkSilence();
    }
  });
});
