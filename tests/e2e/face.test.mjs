// A clock that stops while nobody is at the desk: by real pictures in a real browser, and nothing of them leaves it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../harness.mjs';
import { checkAccess } from './axe.mjs';
import { drawCamera, unplug } from './facekit.mjs';
import { openParty } from './roomkit.mjs';

describe('the camera at the desk', { timeout: 400000 }, () => {
  let party, ann, bora;
  const requests = [], frames = [];
  const button = (name) => ann.page.getByRole('button', { name, exact: true });
  const choice = () => ann.page.getByRole('switch', { name: /^Pause while I am away/ });
  const camera = (what) => ann.page.evaluate(what);
  const stateOf = async () => (await party.rest.bora.get(`/v1/rooms/${party.room}/desks`)).body.desks[0]?.state;
  const isNow = (state, ms = 60000) => until(async () => await stateOf() === state, ms);
  const ofFace = () => requests.filter((one) => /\/face\./.test(one.url())).map((one) => one.method() + new URL(one.url()).pathname);
  const noWorker = () => until(() => ann.page.workers().length === 0, 10000, 'the end of the worker'); // told after the camera's
  const looksFor = (ms) => ann.page.waitForTimeout(ms);

  before(async () => {
    party = await openParty();
    ann = await party.open('ann', { init: drawCamera });
    ann.page.setDefaultTimeout(20000);
    ann.context.on('request', (request) => requests.push(request)); // of its workers, too
    ann.page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => frames.push(payload)));
    await ann.page.reload(); // so that its websocket is seen
    await ann.connected();
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

  test('what cannot look says so, and lets go of the camera', async () => {
    await ann.page.route('**/face.tflite', (route) => route.abort());
    ann.expects.push(/^Failed to load resource/);
    await choice().check();
    await ann.page.getByText("This browser can't look for faces. Your clock runs on.").waitFor();
    await until(() => camera(() => !globalThis.camera.isOpen));
    await noWorker();
    await choice().uncheck();
    await ann.page.unroute('**/face.tflite');
    ann.expects.length = 0;
  });

  test('who leaves the desk is paused, who comes back goes on', async () => {
    await choice().check();
    await ann.page.getByText('The camera looks whether you are there.').waitFor();
    await checkAccess(ann.page, '#study');
    await looksFor(25000); // a face is there
    assert.equal(await stateOf(), 'studying');
    await camera(() => { globalThis.camera.isThere = false; });
    await isNow('paused', 90000);
    await ann.page.getByText('Paused while you are away.').waitFor();
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

  test('whoever goes on by hand while away has their time, and is paused again', async () => {
    await camera(() => { globalThis.camera.isThere = false; });
    await isNow('paused', 90000);
    await ann.page.getByText('Paused while you are away.').waitFor();
    await button('Go on').click();
    await ann.page.getByText('You study here.').waitFor();
    await looksFor(10000);
    assert.equal(await stateOf(), 'studying');
    await isNow('paused', 90000);
    await camera(() => { globalThis.camera.isThere = true; });
    await isNow('studying');
  });

  test('one press beside the clock switches it off, for the next visit, too', async () => {
    await ann.page.locator('#sidebar').getByRole('button', { name: /^Switch the camera off/ }).click();
    await until(() => camera(() => !globalThis.camera.isOpen));
    assert.equal(await choice().isChecked(), false);
    await noWorker();
    assert.equal(await stateOf(), 'studying');
  });

  test('a camera that is taken away is told', async () => {
    await choice().check();
    await until(() => camera(() => globalThis.camera.isOpen));
    await ann.page.getByText('The camera looks whether you are there.').waitFor();
    await camera(unplug);
    await ann.page.getByText('The camera was taken away.').waitFor();
    await choice().uncheck();
  });

  test('in a call it looks through the camera of the call, also when that has ended', async () => {
    const asked = () => camera(() => globalThis.camera.asked);
    await ann.page.locator('#study').getByRole('button', { name: 'Close' }).click();
    await ann.page.click('#call-menu');
    await ann.page.click('#call-video');
    await until(() => camera(() => globalThis.camera.isOpen), 20000);
    await button('Study').click();
    const before = await asked();
    await choice().check();
    await ann.page.getByText('The camera looks whether you are there.').waitFor();
    assert.equal(await asked(), before);
    await ann.page.click('#hang-up');
    await looksFor(3000);
    assert.ok(await camera(() => globalThis.camera.isOpen));
    await button('Leave the desk').click();
    await until(() => camera(() => !globalThis.camera.isOpen), 20000);
  });

  test('nothing was sent but that the clock was paused, and two files were fetched', async () => {
    const sent = requests.filter((one) => one.method() !== 'GET').map((one) => [one.method(), new URL(one.url()).pathname, one.postData() ?? '']);
    const large = sent.filter(([, , body]) => body.length > 2000);
    assert.deepEqual(large, []);
    assert.ok(frames.length > 0);
    assert.deepEqual(frames.filter(({ length }) => length > 5000), []);
    const desks = sent.filter(([, path]) => path.endsWith('/desk')).map(([, , body]) => body && JSON.parse(body).state);
    const goes = ['paused', 'studying'];
    assert.deepEqual(desks.filter(Boolean), ['studying', ...goes, ...goes, ...goes, ...goes]);
    assert.deepEqual([...new Set(ofFace())].sort(), ['GET/face.js', 'GET/face.tflite']);
    assert.doesNotMatch((await fetch(`${party.stack.url}/`)).headers.get('content-security-policy'), /unsafe/);
    ann.checkSilence();
  });

  test('the choice is of the device: on a phone, in Korean, after a reload', async () => {
    bora = await party.open('bora', { locale: 'ko-KR', colorScheme: 'dark', viewport: { width: 390, height: 844 }, hasTouch: true, init: drawCamera });
    bora.page.setDefaultTimeout(20000);
    await bora.page.getByRole('button', { name: '공부', exact: true }).click();
    await bora.page.getByRole('button', { name: '자리에 앉기', exact: true }).click();
    await bora.page.getByRole('switch', { name: /^자리를 비우면/ }).check();
    await bora.page.getByText('카메라로 자리에 있는지 보고 있어요.').waitFor();
    await checkAccess(bora.page);
    await bora.page.reload();
    await bora.page.locator('#top').getByRole('button', { name: /^카메라 끄기/ }).click();
    await until(() => bora.page.evaluate(() => globalThis.camera.asked === 1 && !globalThis.camera.isOpen), 20000);
    bora.checkSilence();
  });
});
