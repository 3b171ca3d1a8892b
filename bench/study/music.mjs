// Three browsers listen to the music of one room, one of them on a slow computer behind a slow line: how far what they
// really play is apart at the same time. They are on one machine, so their clocks are one.
import { upload } from '../../tests/api/filekit.mjs';
import { wav } from '../../tests/api/wav.mjs';
import { apart, heardIn } from '../../tests/e2e/musickit.mjs';
import { openParty } from '../../tests/e2e/roomkit.mjs';
import { sleep } from '../../tests/harness.mjs';

const LASTS = 120000; // milliseconds
const EVERY = 1000;
const SETTLED = 5000; // after one has begun to listen
const TRACKS = [50, 31, 70]; // seconds: they go over into each other while they are measured
const SLOW = { cpu: 4, latency: 150 };
const PEOPLE = ['ann', 'bora', 'carl']; // the last one is slow

async function addTracks({ stack, users, rest, room }) {
  for (const [i, seconds] of TRACKS.entries()) {
    const { body: file } = await upload(stack, users.ann, wav(seconds * 1000, 440 + 110 * i), { name: `${i}.wav`, type: 'audio/wav' });
    const { body: message } = await rest.ann.post(`/v1/rooms/${room}/messages`, { client_id: `track-${i}`, body: `track ${i}`, attachments: [file.id] });
    const { status, body } = await rest.ann.post(`/v1/rooms/${room}/tracks`, { message: message.seq, file: file.id, title: `track ${i}`, licence: 'made here', duration: seconds * 1000 });
    if (status !== 201) throw new Error(`a track: ${status} ${JSON.stringify(body)}`);
  }
  const { body: { tracks } } = await rest.ann.get(`/v1/rooms/${room}/music`);
  const { status, body } = await rest.ann.put(`/v1/rooms/${room}/music`, { track: tracks[0].id, state: 'playing', position: 0 });
  if (status !== 200) throw new Error(`playing: ${status} ${JSON.stringify(body)}`);
  return { tracks };
}

async function slowDown({ context, page }) {
  const devtools = await context.newCDPSession(page);
  await devtools.send('Network.emulateNetworkConditions', { offline: false, latency: SLOW.latency, downloadThroughput: -1, uploadThroughput: -1 });
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOW.cpu });
}

async function listen(party, name) {
  const visitor = await party.open(name);
  if (name === PEOPLE.at(-1)) await slowDown(visitor);
  visitor.page.setDefaultTimeout(60000);
  await visitor.page.getByRole('button', { name: 'Music' }).click();
  await visitor.page.getByRole('button', { name: 'Listen along' }).click();
  while (!await heardIn(visitor.page)) await sleep(50);
  return { name, page: visitor.page, since: Date.now(), samples: [] };
}

async function follow(listener, until) {
  while (Date.now() < until) {
    const heard = await heardIn(listener.page);
    if (Date.now() - listener.since > SETTLED) listener.samples.push(heard);
    await sleep(EVERY);
  }
}

// Each sample of one is held against the nearest one of another, which has gone on meanwhile.
function differences(music, one, other) {
  const heard = other.samples.filter(Boolean);
  return one.samples.filter(Boolean).map((sample) => {
    const near = heard.reduce((best, it) => (Math.abs(it.now - sample.now) < Math.abs(best.now - sample.now) ? it : best));
    return apart(music, sample, { track: near.track, at: near.at + sample.now - near.now });
  });
}

function report(music, listeners, bar) {
  let worst = 0;
  for (const [i, one] of listeners.entries()) {
    for (const other of listeners.slice(i + 1)) {
      const all = differences(music, one, other).sort((a, b) => a - b);
      console.log(`${one.name} and ${other.name}: ${all.length} times, apart by ${Math.round(all[all.length >> 1])} ms in the middle and ${Math.round(all.at(-1))} ms at most`);
      worst = Math.max(worst, all.at(-1));
    }
  }
  const samples = listeners.flatMap((listener) => listener.samples);
  bar('music_drift', Math.round(worst), 'ms', '<=300');
  bar('music_silent', samples.filter((heard) => !heard).length, 'samples', '<=0');
  bar('music_samples', samples.length, 'samples', '>=240');
}

export async function music({ bar }) {
  const party = await openParty();
  try {
    const listeners = [];
    const list = await addTracks(party);
    for (const name of PEOPLE) listeners.push(await listen(party, name));
    const end = Date.now() + LASTS;
    await Promise.all(listeners.map((listener) => follow(listener, end)));
    report(list, listeners, bar);
  } finally {
    await party.close();
  }
}
