// Calls through a relay: browsers and coturn with the credentials of GET /v1/ice-servers, and what conf/turnserver.conf denies.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import test, { after } from 'node:test';
import { startStack } from '../harness.mjs';
import { hasIPv6, startTurn, turnConf } from '../turn.mjs';
import { turnClient } from '../turnclient.mjs';
import { openBrowser, visit } from './browser.mjs';

const turn = await startTurn();
const stack = await startStack({ conf: turnConf(turn) });
const browser = await openBrowser(['--allow-loopback-in-peer-connection']);
after(async () => {
  await browser.close();
  await stack.stop();
  await turn.stop();
});

const visitor = await visit(browser, stack);
await visitor.signUp('ann', 'Ann');
const ask = () => visitor.page.evaluate(async () => (await (await fetch('/v1/ice-servers')).json()).ice_servers);

// As coturn's shared secret has it.
function credentialFor(user, { seconds = 60, secret = turn.secret } = {}) {
  const username = `${Math.floor(Date.now() / 1000) + seconds}:${user}`;
  return { username, credential: createHmac('sha1', secret).update(username).digest('base64') };
}

// Two ends in one page, which may reach each other through the relay only: what comes back of a byte, and what the way was.
function sendByte(iceServers) {
  return visitor.page.evaluate(async (servers) => {
    const [here, there] = [0, 1].map(() => new RTCPeerConnection({ iceServers: servers, iceTransportPolicy: 'relay' }));
    for (const [one, other] of [[here, there], [there, here]]) one.onicecandidate = ({ candidate }) => candidate && other.addIceCandidate(candidate);
    there.ondatachannel = ({ channel }) => { channel.onmessage = ({ data }) => channel.send(data); };
    const channel = here.createDataChannel('call');
    channel.binaryType = 'arraybuffer';
    const echo = new Promise((resolve) => { channel.onmessage = ({ data }) => resolve([...new Uint8Array(data)]); });
    channel.onopen = () => channel.send(new Uint8Array([42]));
    await here.setLocalDescription();
    await there.setRemoteDescription(here.localDescription);
    await there.setLocalDescription();
    await here.setRemoteDescription(there.localDescription);
    const bytes = await echo;
    const stats = await here.getStats();
    const { selectedCandidatePairId } = [...stats.values()].find(({ type }) => type === 'transport');
    const pair = stats.get(selectedCandidatePairId);
    const [local, remote] = [stats.get(pair.localCandidateId), stats.get(pair.remoteCandidateId)];
    here.close();
    there.close();
    return { bytes, types: [local.candidateType, remote.candidateType], by: local.relayProtocol };
  }, iceServers);
}

// Everything that a browser finds with these servers: addresses of relays, and errors.
function gather(iceServers) {
  return visitor.page.evaluate(async (servers) => {
    const connection = new RTCPeerConnection({ iceServers: servers, iceTransportPolicy: 'relay' });
    const found = { candidates: [], errors: [] };
    connection.onicecandidate = ({ candidate }) => candidate?.candidate && found.candidates.push(candidate.type);
    connection.onicecandidateerror = ({ errorCode }) => found.errors.push(errorCode);
    const complete = new Promise((resolve) => {
      connection.onicegatheringstatechange = () => connection.iceGatheringState === 'complete' && resolve();
    });
    connection.createDataChannel('call');
    await connection.setLocalDescription();
    await complete;
    connection.close();
    return found;
  }, iceServers);
}

test('a byte gets from one browser to another through the relay', async () => {
  const servers = await ask();
  assert.deepEqual(servers.map(({ urls }) => urls), [turn.urls]);
  const { bytes, types } = await sendByte(servers);
  assert.deepEqual([bytes, types], [[42], ['relay', 'relay']]);
});

test('and also where UDP does not get out', async () => {
  const [server] = await ask();
  assert.deepEqual(await sendByte([{ ...server, urls: [turn.urls[1]] }]), { bytes: [42], types: ['relay', 'relay'], by: 'tcp' });
});

test('a wrong signature, a name of somebody else and one that has expired are refused', async () => {
  const [server] = await ask();
  const [end, user] = server.username.split(':').map(Number);
  for (const wrong of [{ credential: credentialFor(user, { secret: 'x'.repeat(64) }).credential }, { username: `${end}:${user + 1}` }, { username: `${end + 9}:${user}` },
    credentialFor(user, { seconds: -1 })]) {
    const { candidates, errors } = await gather([{ ...server, ...wrong }]);
    assert.deepEqual([candidates, [...new Set(errors)]], [[], [401]], JSON.stringify(wrong));
  }
  assert.deepEqual([...new Set((await gather([server])).candidates)], ['relay']);
  visitor.checkSilence();
});

// Resolves with what becomes of use(client) after it has a place on the relay.
async function withPlace(port, credential, use, options) {
  const client = turnClient(port, credential);
  try {
    assert.equal(await client.allocate(options), 0);
    return await use(client);
  } finally {
    client.close();
  }
}

test('nobody comes in without a name', async () => {
  const client = turnClient(turn.port);
  assert.equal(await client.allocate(), 401);
  client.close();
});

test('the relay is no way to addresses that are not public', async () => {
  const closed = await startTurn({ loopback: false, conf: { 'relay-ip': hasIPv6 ? ['127.0.0.1', '::1'] : '127.0.0.1' } });
  const credential = credentialFor(1, closed);
  const denied = async (addresses, options) => withPlace(closed.port, credential, async (client) => {
    const codes = [];
    for (const address of addresses) codes.push(`${address} ${await client.permit(address)}`);
    return codes;
  }, options);
  const all = (addresses, code) => addresses.map((address) => `${address} ${code}`);
  try {
    const inside = ['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '127.9.9.9', '169.254.169.254', '172.16.0.1', '172.31.255.255', '192.168.1.1', '198.18.0.1', '224.0.0.1', '255.255.255.255'];
    assert.deepEqual(await denied(inside), all(inside, 403));
    assert.deepEqual(await denied(['172.32.0.1', '9.9.9.9']), all(['172.32.0.1', '9.9.9.9'], 0));
    if (!hasIPv6) return;
    const inside6 = ['::', '::1', '::127.0.0.1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:0.0.0.0', '::ffff:0:10.0.0.1', '64:ff9b::10.0.0.1', '2002:7f00:1::', 'fc00::1', 'fd00::1', 'fe80::1', 'fec0::1', 'ff02::1'];
    assert.deepEqual(await denied(inside6, { ipv6: true }), all(inside6, 403));
    assert.deepEqual(await denied(['2620:fe::fe'], { ipv6: true }), all(['2620:fe::fe'], 0));
  } finally {
    await closed.stop();
  }
});

test('the places of one person are counted, under whatever name they come', async () => {
  const small = await startTurn({ conf: { 'user-quota': 2 } });
  const clients = [[1, 60], [1, 61], [1, 62], [2, 60]].map(([user, seconds]) => turnClient(small.port, credentialFor(user, { ...small, seconds })));
  try {
    const codes = [];
    for (const client of clients) codes.push(await client.allocate());
    assert.deepEqual(codes, [0, 0, 486, 0]);
  } finally {
    for (const client of clients) client.close();
    await small.stop();
  }
});

test('without a secret the shipped settings let nobody in', async () => {
  const fresh = await startTurn({ conf: { 'static-auth-secret': null } });
  const clients = ['', turn.secret].map((secret) => turnClient(fresh.port, credentialFor(1, { secret })));
  try {
    for (const client of clients) assert.equal(await client.allocate(), 401);
  } finally {
    for (const client of clients) client.close();
    await fresh.stop();
  }
});
