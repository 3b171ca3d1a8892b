// What nginx does before anything reaches Maru: conf/nginx.conf.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { api, root, signUp, startStack } from '../harness.mjs';

const stack = await startStack();
const problem = (body, status, slug) => {
  assert.equal(body.status, status);
  assert.equal(body.type, slug ? `/problems/${slug}` : 'about:blank');
};

// Sends bytes as they are; resolves with the answer, which must state its length.
function raw(bytes) {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(stack.port, '127.0.0.1', () => socket.write(bytes));
    socket.setTimeout(5000, () => socket.destroy(new Error(`only this came: ${answer}`)));
    socket.on('data', (data) => {
      answer += data;
      const [, head, length] = /^(.*?\r\nContent-Length: (\d+)\r\n.*?\r\n\r\n)/s.exec(answer) ?? [];
      if (head && answer.length >= head.length + Number(length)) socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

// A request with any Upgrade header: fetch refuses to send one.
function upgrade(value) {
  return new Promise((resolve, reject) => {
    const ask = request(`${stack.url}/app/maru?protocol=7`, {
      headers: {
        Connection: 'Upgrade', ...(value ? { Upgrade: value } : {}),
        'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version': '13', Origin: stack.url,
      },
    });
    ask.on('upgrade', (response, socket) => { socket.destroy(); resolve({ status: response.statusCode }); });
    ask.on('response', (response) => {
      let text = '';
      response.on('data', (data) => { text += data; });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: JSON.parse(text) }));
    });
    ask.on('error', reject);
    ask.end();
  });
}

test('a body of more than 64 KiB is refused, one of 64 KiB is passed on', async () => {
  const { post } = api(stack);
  const headers = { 'Content-Type': 'application/json' };
  const big = await post('/v1/sessions', `"${'x'.repeat(65535)}"`, headers);
  assert.equal(big.status, 413);
  assert.match(big.headers.get('content-type'), /^application\/problem\+json/);
  problem(big.body, 413, 'too-large');
  assert.equal((await post('/v1/sessions', `"${'x'.repeat(65534)}"`, headers)).status, 400);
});

test('a chunked body arrives whole', async () => {
  const user = await signUp(stack);
  const body = JSON.stringify({ name: user.name, password: user.password });
  const answer = await raw('POST /v1/sessions HTTP/1.1\r\nHost: maru\r\nConnection: close\r\n' +
    'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n' +
    `5\r\n${body.slice(0, 5)}\r\n${(body.length - 5).toString(16)}\r\n${body.slice(5)}\r\n0\r\n\r\n`);
  assert.match(answer, /^HTTP\/1.1 201\b/);
});

for (const [what, lines, status, slug] of [
  ['no HTTP', 'HALLO', 400, 'bad-request'],
  ['no Host', 'GET /v1/readyz HTTP/1.1', 400, 'bad-request'],
  ['a negative length', 'POST /v1/users HTTP/1.1\r\nHost: maru\r\nContent-Length: -1', 400, 'bad-request'],
  ['two lengths', 'POST /v1/users HTTP/1.1\r\nHost: maru\r\nContent-Length: 1\r\nContent-Length: 2', 400, 'bad-request'],
  ['a length beside chunks', 'POST /v1/users HTTP/1.1\r\nHost: maru\r\nContent-Length: 1\r\nTransfer-Encoding: chunked', 400, 'bad-request'],
  ['a header of 9 kB', `GET /v1/readyz HTTP/1.1\r\nHost: maru\r\nX-Long: ${'x'.repeat(9000)}`, 431],
  ['an address of 9 kB', `GET /v1/${'x'.repeat(9000)} HTTP/1.1\r\nHost: maru`, 414],
]) {
  test(`${what}: ${status} as a problem document`, async () => {
    const answer = await raw(`${lines}\r\n\r\n`);
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
    assert.match(answer, /\r\nContent-Type: application\/problem\+json\r\n/);
    problem(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))), status, slug);
  });
}

test('only a websocket upgrade reaches maru-push', async () => {
  assert.equal((await upgrade('websocket')).status, 101);
  assert.equal((await upgrade('WebSocket')).status, 101);
  for (const value of [undefined, 'h2c', 'H2C', 'websocket, h2c', 'websocketx', 'junk']) {
    const { status, headers, body } = await upgrade(value);
    assert.equal(status, 426, `Upgrade: ${value}`);
    assert.equal(headers.upgrade, 'websocket');
    problem(body, 426);
  }
});

test('every answer carries the security headers', async () => {
  for (const path of ['/', '/v1/readyz', '/v1/nothing', '/nothing', '/app/maru']) {
    const { headers } = await api(stack).get(path);
    assert.match(headers.get('content-security-policy'), /default-src 'self'; script-src 'self';/, path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
    assert.equal(headers.get('referrer-policy'), 'same-origin', path);
    assert.ok(headers.get('permissions-policy'), path);
    assert.equal(headers.get('server'), 'nginx', path);
  }
});

test('the web client is revalidated, and unchanged it is not sent again', async () => {
  const first = await api(stack).get('/');
  assert.equal(first.status, 200);
  assert.match(first.headers.get('content-type'), /^text\/html/);
  assert.equal(first.headers.get('cache-control'), 'no-cache');
  const again = await api(stack).get('/', { 'If-None-Match': first.headers.get('etag') });
  assert.equal(again.status, 304);
  assert.match((await api(stack).get('/nothing')).body, /There is no such page/);
});

test('a client cannot speak for nginx', async () => {
  const { headers } = await api(stack).get('/v1/readyz', {
    'X-Real-IP': '192.0.2.7', 'X-Forwarded-For': '192.0.2.7', Proxy: 'http://192.0.2.7', 'X-Request-Id': 'mine',
    REMOTE_ADDR: '192.0.2.7', Request_Id: 'mine',
  });
  assert.ok(headers);
  assert.doesNotMatch(stack.log('api'), /192\.0\.2\.7|mine/);
});

test('errors that only nginx makes cannot be asked for', async () => {
  assert.equal((await api(stack).get('/_problem/503')).status, 404);
  assert.equal((await api(stack).get('/_page/404')).status, 404);
});

test('without maru-api: 503, Retry-After, a problem document', async () => {
  await stack.stopApi();
  const { status, headers, body } = await api(stack).get('/v1/readyz');
  await stack.startApi();
  assert.equal(status, 503);
  assert.equal(headers.get('retry-after'), '1');
  problem(body, 503, 'unavailable');
  assert.equal((await api(stack).get('/v1/readyz')).status, 200);
});

test('without maru-push: 503 for the websocket', async () => {
  await stack.stopPush();
  const { status, body } = await upgrade('websocket');
  await stack.startPush();
  assert.equal(status, 503);
  problem(body, 503, 'unavailable');
  assert.equal((await upgrade('websocket')).status, 101);
});

test('the sockets are open to owner and group only', () => {
  for (const name of ['api_socket', 'push_socket', 'bus_socket']) {
    assert.equal(statSync(stack.conf[name]).mode & 0o007, 0, name);
  }
});

test('the private configuration differs from conf/nginx.conf on the marked lines only', () => {
  const lines = (path) => readFileSync(path, 'utf8').split('\n');
  const marked = /\s*#@ .*$/;
  const original = lines(`${root}/conf/nginx.conf`);
  const rest = original.filter((line) => !marked.test(line));
  const rendered = new Set(lines(`${stack.dir}/nginx.conf`));
  for (const line of rest) assert.ok(rendered.has(line), line);
  for (const line of original.filter((l) => marked.test(l))) {
    assert.ok(!rendered.has(line.replace(marked, '')), `still as on a real host: ${line}`);
  }
});
