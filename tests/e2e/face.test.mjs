// A clock that stops while nobody is at the desk: by real pictures in a real browser, and nothing of them leaves it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../harness.mjs';
import { checkAccess } from './axe.mjs';
import { drawCamera } from './facekit.mjs';
import { openParty } from './roomkit.mjs';

describe('the camera at the desk', { timeout: 300000 }, () => {
  let party, ann;
  const requests = [];
  const button = (name) => ann.page.getByRole('button', { name, exact: true });
  const choice = () => ann.page.getByRole('switch', { name: /^Pause while I am away/ });
  const camera = (what) => ann.page.evaluate(what);
  const stateOf = async () => (await party.rest.bora.get(`/v1/rooms/${party.room}/desks`)).body.desks[0]?.state;
  const isNow = (state, ms = 60000) => until(async () => await stateOf() === state, ms);
  const ofFace = () => requests.filter((one) => /\/face\./.test(one.url())).map((one) => one.method() + new URL(one.url()).pathname);
  const looksFor = (ms) => ann.page.waitForTimeout(ms);

  before(async () => {
    party = await openParty();
    ann = await party.open('ann', { init: drawCamera });
    ann.page.setDefaultTimeout(20000);
    ann.context.on('request', (request) => requests.push(request)); // of its workers, too
    await button('Study').click();
    await button('Sit down').click();
    await isNow('studying');
  });
  after(() => party?.close());

  test('it is off, and nothing of it is loaded, until one wants it', async () => {
    assert.equal(await choice().isChecked(), false);
    await ann.page.getByText('Its pictures stay in this browser: none is stored or sent anywhere').waitFor();
    assert.equal(await camera(() => globalThis.camera.asked), 0);
    assert.deepEqual(ofFace(), []);
    assert.equal(ann.page.workers().length, 0);
    await checkAccess(ann.page, '#study');
  });

  test('who may not be filmed is told how, and the clock runs on', async () => {
    await camera(() => { globalThis.camera.refuse = 'NotAllowedError'; });
    await choice().check();
    await ann.page.getByText('The browser does not let this page use it.').waitFor();
    assert.equal(await stateOf(), 'studying');
    await choice().uncheck();
    await camera(() => { globalThis.camera.refuse = null; });
  });

  test('who leaves the desk is paused, who comes back goes on', async () => {
    await choice().check();
    await ann.page.getByText('The camera looks whether you are there.').waitFor();
    await checkAccess(ann.page, '#study');
    await looksFor(6000); // a face is there
    assert.equal(await stateOf(), 'studying');
    await camera(() => { globalThis.camera.isThere = false; });
    await isNow('paused', 90000);
    assert.ok(await camera(() => globalThis.camera.isOpen), 'it has to see who comes back');
    await camera(() => { globalThis.camera.isThere = true; });
    await isNow('studying');
  });

  test('what was paused by hand stays so, and the light is out', async () => {
    await button('Pause').click();
    await isNow('paused');
    await until(() => camera(() => !globalThis.camera.isOpen));
    await looksFor(5000);
    assert.equal(await stateOf(), 'paused');
    await button('Go on').click();
    await until(() => camera(() => globalThis.camera.isOpen));
  });

  test('one press beside the clock switches it off, for the next visit, too', async () => {
    await ann.page.locator('#sidebar').getByRole('button', { name: /^Switch the camera off/ }).click();
    await until(() => camera(() => !globalThis.camera.isOpen));
    assert.equal(await choice().isChecked(), false);
    assert.equal(ann.page.workers().length, 0);
    assert.equal(await stateOf(), 'studying');
  });

  test('a camera that is taken away is told', async () => {
    await choice().check();
    await until(() => camera(() => globalThis.camera.isOpen));
    await ann.page.getByText('The camera looks whether you are there.').waitFor();
    // What a browser does when it is unplugged.
    await camera(() => { for (const track of globalThis.camera.tracks) track.stop(); });
    await ann.page.getByText('The camera was taken away.').waitFor();
    await choice().uncheck();
  });

  test('nothing was sent but that the clock was paused, and two files were fetched', async () => {
    const sent = requests.filter((one) => one.method() !== 'GET').map((one) => [one.method(), new URL(one.url()).pathname, one.postData() ?? '']);
    const large = sent.filter(([, , body]) => body.length > 2000);
    assert.deepEqual(large, []);
    const desks = sent.filter(([, path]) => path.endsWith('/desk')).map(([, , body]) => JSON.parse(body).state);
    assert.deepEqual(desks, ['studying', 'paused', 'studying', 'paused', 'studying']);
    assert.deepEqual([...new Set(ofFace())].sort(), ['GET/face.js', 'GET/face.tflite']);
    assert.doesNotMatch((await fetch(`${party.stack.url}/`)).headers.get('content-security-policy'), /unsafe/);
    ann.checkSilence();
  });
});
