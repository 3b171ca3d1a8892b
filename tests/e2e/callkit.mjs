// Calls between real browsers, whose camera shows a test picture and whose microphone beeps: what goes over the wire is looked
// at where it arrives, by getStats().
import assert from 'node:assert/strict';
import { build } from 'esbuild';
import { root, until } from '../harness.mjs';

export const MEDIA_FLAGS = ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream=device-count=3,fps=10', '--allow-loopback-in-peer-connection',
  '--disable-features=WebRtcHideLocalIpsWithMdns'];

/** Runs before the page: notes the connections that it makes and the devices that it opens. */
export function watchMedia() {
  const noted = globalThis.noted = { peers: [], tracks: [], asked: 0, restarts: 0, worse: null };
  const Peer = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Peer {
    constructor(config) {
      super({ ...config, ...noted.config });
      noted.peers.push(this);
    }

    restartIce() {
      noted.restarts++;
      super.restartIce();
    }

    // A line that is worse than the one between two windows of a host, and only in this, however busy the host is.
    async getStats() {
      const report = new Map(await super.getStats());
      const calm = { fractionLost: 0, roundTripTime: 0, currentRoundTripTime: 0, packetsLost: 0, jitter: 0 };
      if (noted.worse) for (const [id, one] of report) report.set(id, { ...one, ...calm, ...one.type === 'remote-inbound-rtp' && noted.worse });
      return report;
    }
  };
  if (!navigator.mediaDevices) return; // of an empty page
  for (const name of ['getUserMedia', 'getDisplayMedia']) {
    const open = navigator.mediaDevices[name].bind(navigator.mediaDevices);
    navigator.mediaDevices[name] = async (what) => {
      noted.asked++;
      const refusal = noted.refuse?.(what);
      if (refusal) throw new DOMException('', refusal);
      const stream = await open(what);
      noted.tracks.push(...stream.getTracks());
      return stream;
    };
  }
}

/** What arrives: { frames, energy } of each connection that stands, and by which something may. */
export const arriving = ({ page }) => page.evaluate(async () => Promise.all(noted.peers.filter((peer) => peer.connectionState === 'connected' && peer.getTransceivers().some(({ direction }) => direction !== 'sendonly')).map(async (peer) => {
  const sum = { frames: 0, energy: 0, width: 0 };
  (await peer.getStats()).forEach((one) => {
    if (one.type !== 'inbound-rtp') return;
    if (one.kind === 'video') Object.assign(sum, { frames: one.framesDecoded ?? 0, width: one.frameWidth ?? 0 });
    else sum.energy = one.totalAudioEnergy ?? 0;
  });
  return sum;
})));

// Of sound; a microphone that is off makes a little noise, too.
const HEARD = 1e-4;

/** Waits until picture and sound (or what is wanted of them) arrive from so many others. */
export async function receives(visitor, count, { video = true, audio = true } = {}) {
  let first = null, last = [];
  const grows = (name, i) => last[i][name] - first[i][name] > (name === 'frames' ? 2 : HEARD);
  await until(async () => {
    last = await arriving(visitor);
    if (last.length !== count || first?.length !== count) {
      first = last.length === count ? last : null;
      return false;
    }
    return last.every((_, i) => (!video || grows('frames', i)) && (!audio || grows('energy', i)));
  }, 40000, `picture and sound of ${count}`).catch((error) => { throw new Error(`${error.message}: ${JSON.stringify([first, last])}`); });
}

/** Waits until nothing of that arrives any more: "frames" or "energy". */
export async function ceases(visitor, name) {
  let before = [];
  await until(async () => {
    const now = (await arriving(visitor)).map((one) => one[name]);
    const same = now.length === before.length && now.every((value, i) => value - before[i] < (name === 'frames' ? 1 : HEARD));
    before = now;
    if (!same) await visitor.page.waitForTimeout(1500); // a beep a second
    return same;
  }, 30000, `no more ${name}`);
}

export const state = (visitor, ...wanted) => visitor.page.waitForFunction((all) => all.includes(document.getElementById('call')?.dataset.state ?? 'idle'), wanted, { timeout: 40000 });

/** A module of the page that needs no page. */
export async function moduleOf(file) {
  const { outputFiles: [{ text }] } = await build({ entryPoints: [`${root}/web/src/call/${file}`], bundle: true, format: 'esm', write: false });
  return import(`data:text/javascript,${encodeURIComponent(text)}`);
}

/** Calls from the head of the open room. */
export async function call({ page }, how = 'video') {
  await page.click('#call-menu');
  await page.click(`#call-${how}`);
}

export const accept = ({ page }, how = 'video') => page.click(`#accept-${how}`);
export const hangUp = ({ page }) => page.click('#hang-up');
export const stateText = ({ page }) => page.locator('#call .call-state').textContent();

/** Waits until the window of the call says that. */
export const tells = (visitor, text) => visitor.page.waitForFunction((wanted) => document.querySelector('#call .call-state')?.textContent.includes(wanted), text, { timeout: 40000 });

/** Nothing is left open: no device, no connection. */
export async function isFree({ page }) {
  await page.waitForFunction(() => noted.tracks.every(({ readyState }) => readyState === 'ended') && noted.peers.every(({ connectionState }) => connectionState === 'closed'));
}

/** Closes what is left of a call that is over. */
export async function dismiss({ page }) {
  if (await page.locator('#call-close').isVisible()) await page.click('#call-close', { timeout: 2000 }).catch(() => {}); // gone by itself
  await page.waitForSelector('#call', { state: 'detached' });
}

/** Whatever a story that went wrong has left. */
export async function tidy(visitor) {
  const { page } = visitor;
  for (const button of ['#reject', '#hang-up']) if (await page.locator(button).isVisible()) await page.click(button).catch(() => {});
  await dismiss(visitor);
}

/** Hangs up on both sides of a room of two. */
export async function end(one, other) {
  await hangUp(one);
  await state(one, 'ended');
  await state(other, 'ended');
  for (const each of [one, other]) {
    await isFree(each);
    await dismiss(each);
  }
}

export const tile = ({ page }, user) => page.locator(`#call .tile[data-user="${user}"]`);
export const asked = ({ page }) => page.evaluate(() => noted.asked);

/** The call of a room by the server's word; undefined: none. */
export const callOf = async (rest, room) => (await rest.get('/v1/calls')).body.calls.find((one) => one.room === room);

export async function directRoom(rest, user) {
  const { status, body } = await rest.put(`/v1/direct-rooms/${user}`, {});
  assert.ok(status === 200 || status === 201);
  return body.id;
}
