// Logins with OpenID Connect, against a real provider and one that lies.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test, { after, before } from 'node:test';
import { api, signUp, startStack, until } from '../harness.mjs';
import { assertOk, assertProblem, people } from './check.mjs';
import { Browser, OddProvider, RealProvider } from './openid.mjs';

const real = await new RealProvider().open();
const odd = await new OddProvider().usual().open();
const stack = await startStack({ conf: { ...real.conf, public_url: 'http://127.0.0.1:1', workers: 2, login_attempts: 1000 } });
after(() => stack.stop());

const callback = () => `${stack.url}/v1/oidc/keycloak/callback`;
const ours = (url) => url.origin === stack.url && !url.pathname.startsWith('/v1/oidc/');
const start = (query = '') => `${stack.url}/v1/oidc/keycloak${query}`;

// Changes settings; a restart, so that no worker has the earlier ones.
async function set(change) {
  const path = `${stack.dir}/maru.conf`;
  const kept = readFileSync(path, 'utf8').split('\n').filter((line) => !Object.keys(change).some((key) => line.startsWith(`${key} =`)));
  writeFileSync(path, `${kept.join('\n')}\n${Object.entries(change).map(([key, value]) => `${key} = ${value}\n`).join('')}`);
  await stack.stopApi();
  await stack.startApi();
}

// Goes the whole way; where the browser is in the end, and who it then is.
async function logIn(browser = new Browser(), from = start()) {
  const { url } = await browser.go(from, ours);
  const me = await browser.get(`${stack.url}/v1/users/me`);
  const { pathname, search } = new URL(url);
  return { at: pathname + search, browser, me: me.status === 200 ? await me.json() : null };
}

before(async () => {
  real.serve(callback(), 'client_secret_post');
  await set({ public_url: stack.url });
});

test('the first login makes an account, the next one finds it', async () => {
  real.person = { sub: 'kim|1', nickname: '  민아\u0007 🙂' };
  const first = await logIn();
  assert.equal(first.at, '/');
  assert.match(first.me.name, /^o-[0-9a-f]{16}$/);
  assert.equal(first.me.nickname, '  민아 🙂');
  assert.deepEqual(await stack.sql(`SELECT password FROM user WHERE id = ${first.me.id}`), [['!']]);
  assert.equal((await logIn()).me.id, first.me.id);
  real.person = { sub: 'KIM|1' };
  const other = await logIn();
  assert.notEqual(other.me.id, first.me.id, 'subjects are compared as bytes');
  assert.equal(other.me.nickname, other.me.name);
  real.person = { sub: 'lee', nickname: ' \u3000 ', name: '가'.repeat(40) };
  assert.equal((await logIn()).me.nickname, '가'.repeat(30));
  assertProblem(await api(stack).post('/v1/sessions', { name: first.me.name, password: '!' }), 'bad-login');
});

test('where nicknames are the only ones, one that is taken is not given a second time', async () => {
  await set({ unique_nicknames: 'on' });
  real.person = { sub: 'park', nickname: '가'.repeat(30) };
  const { at, me } = await logIn();
  assert.deepEqual([at, me.nickname], ['/', me.name]);
  await set({ unique_nicknames: 'off' });
});

test('the session is like any other', async () => {
  const { browser, me } = await logIn();
  const cookies = browser.cookies(stack.url);
  assert.deepEqual([...cookies.keys()].sort(), ['maru_access', 'maru_refresh']);
  const refreshed = await browser.get(`${stack.url}/v1/sessions/refresh`, { method: 'POST' });
  assert.equal(refreshed.status, 200);
  assert.equal((await refreshed.json()).user.id, me.id);
  assert.equal((await browser.get(`${stack.url}/v1/sessions/current`, { method: 'DELETE' })).status, 204);
  assert.equal((await browser.get(`${stack.url}/v1/users/me`)).status, 401);
});

test('what is sent to the provider', async () => {
  const answer = await new Browser().get(start('?return_to=/x'));
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  const [cookie] = answer.headers.getSetCookie();
  assert.match(cookie, /^maru_oidc=[\w.-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/);
  const { searchParams, origin } = new URL(answer.headers.get('location'));
  assert.equal(origin, real.issuer);
  const { state, nonce, code_challenge: challenge, ...rest } = Object.fromEntries(searchParams);
  assert.deepEqual(rest, { response_type: 'code', client_id: 'maru', redirect_uri: callback(), scope: 'openid profile', code_challenge_method: 'S256' });
  for (const text of [state, nonce, challenge]) assert.match(text, /^[\w-]{43}$/);
  const [payload] = cookie.slice('maru_oidc='.length).split('.');
  const { s, n } = JSON.parse(Buffer.from(payload, 'base64url'));
  assert.deepEqual([s, n], [state, nonce]);
});

test('afterwards the browser goes where it came from, and nowhere else', async () => {
  for (const [wanted, got] of [['/rooms?id=7', '/rooms?id=7'], ['', '/'], ['//evil.example/', '/'], ['https://evil.example/', '/'], ['/\\evil.example', '/'], ['/%5cevil', '/%5cevil'],
    ['/a\r\nSet-Cookie: x=y', '/'], ['/\u0000', '/'], [`/${'a'.repeat(300)}`, '/'], ['rooms', '/']])
    assert.equal((await logIn(new Browser(), start(`?return_to=${encodeURIComponent(wanted)}`))).at, got, wanted);
});

test('the secret may also go into the header', async () => {
  real.serve(callback(), 'client_secret_basic');
  await set({});
  real.person = { sub: 'header' };
  assert.notEqual((await logIn()).me, null);
  real.serve(callback(), 'client_secret_post');
  await set({});
});

test('who changes their mind is back without a login', async () => {
  real.person = null;
  const { at, me } = await logIn();
  assert.deepEqual([at, me], ['/?login_error=cancelled', null]);
  real.person = { sub: 'somebody' };
});

test('an answer counts once, and in the browser that asked only', async () => {
  const browser = new Browser();
  const { url } = await browser.go(start(), ({ pathname }) => pathname.endsWith('/callback'));
  const cookie = browser.cookies(stack.url).get('maru_oidc');
  const end = async (who, to = url) => new URL((await who.get(to)).headers.get('location'), stack.url).search;
  assert.equal(await end(new Browser()), '?login_error=expired');
  const other = new Browser();
  await other.get(start());
  assert.equal(await end(other), '?login_error=expired', 'the state of another browser');
  assert.equal((await browser.get(url.replace('/keycloak/', '/kakao/'))).status, 404);
  for (const [change] of [[(c) => c.slice(0, -1)], [(c) => `A${c}`], [() => 'x'], [() => '.'], [(c) => c.replace('.', '..')]]) {
    const liar = new Browser();
    liar.cookies(stack.url).set('maru_oidc', change(cookie));
    assert.equal(await end(liar), '?login_error=expired');
  }
  assert.equal(await end(browser), '');
  assert.equal(browser.cookies(stack.url).has('maru_oidc'), false);
  assert.equal(await end(browser), '?login_error=expired');
  const copy = new Browser();
  copy.cookies(stack.url).set('maru_oidc', cookie);
  assert.equal(await end(copy), '?login_error=provider', 'the provider knows a code that was used');
});

test('many first logins at once make one account', async () => {
  real.person = { sub: 'crowd' };
  const ids = await Promise.all(Array.from({ length: 6 }, async () => (await logIn()).me?.id));
  assert.equal(new Set(ids).size, 1);
  assert.deepEqual(await stack.sql("SELECT COUNT(*) FROM identity WHERE subject = 'crowd'"), [['1']]);
});

test('a closed account stays closed', async () => {
  real.person = { sub: 'closed' };
  const { me } = await logIn();
  await stack.sql(`UPDATE user SET state = 'disabled' WHERE id = ${me.id}`);
  const browser = new Browser();
  const { answer } = await browser.go(start(), ours);
  assert.equal(answer.status, 403);
  assert.equal((await answer.json()).type, '/problems/account-disabled');
  assert.equal(browser.cookies(stack.url).has('maru_access'), false);
  assert.deepEqual(await stack.sql(`SELECT COUNT(*) FROM session WHERE user = ${me.id}`), [['1']]);
});

async function link(user, browser = new Browser()) {
  const { location } = assertOk(await api(stack, user).post('/v1/oidc/keycloak'), 200);
  const answer = await fetch(`${stack.url}/v1/oidc/keycloak`, { method: 'POST', headers: { authorization: `Bearer ${user.token}` } });
  browser.cookies(stack.url).set('maru_oidc', /maru_oidc=([^;]*)/.exec(answer.headers.getSetCookie()[0])[1]);
  assert.ok(location.startsWith(real.issuer));
  const { url } = await browser.go((await answer.json()).location, ours);
  return new URL(url).search;
}
const identities = async (user) => assertOk(await api(stack, user).get('/v1/users/me/identities'), 200).identities.map(({ provider }) => provider);

test('an account may be linked, and left, but not by the last way in', async () => {
  const [ann, bob] = await people(stack, 2);
  real.person = { sub: 'ann there' };
  assert.equal(await link(ann), '');
  assert.equal(await link(ann), '');
  assert.deepEqual(await identities(ann), ['keycloak']);
  assert.equal((await logIn()).me.id, ann.id);
  assert.equal(await link(bob), '?login_error=linked');
  real.person = { sub: 'another ann' };
  assert.equal(await link(ann), '?login_error=linked', 'one of each provider');
  assert.deepEqual(await identities(bob), []);
  const drop = (user, name = 'keycloak') => api(stack, user).del(`/v1/users/me/identities/${name}`);
  assertProblem(await drop(bob), 'not-found');
  assertProblem(await drop(ann, 'kakao'), 'not-found');
  assertProblem(await drop(ann, '%ff'), 'not-found');
  assertOk(await drop(ann), 204);
  assert.deepEqual(await identities(ann), []);

  real.person = { sub: 'only way' };
  const { browser } = await logIn();
  const token = browser.cookies(stack.url).get('maru_access');
  assertProblem(await drop({ token }), 'forbidden');
  assert.deepEqual(await identities({ token }), ['keycloak']);
});

test('a link whose session has ended is none', async () => {
  const [ann] = await people(stack, 1);
  real.person = { sub: 'late' };
  const answer = await fetch(start(), { method: 'POST', headers: { authorization: `Bearer ${ann.token}` } });
  const browser = new Browser();
  browser.cookies(stack.url).set('maru_oidc', /maru_oidc=([^;]*)/.exec(answer.headers.getSetCookie()[0])[1]);
  assertOk(await api(stack, ann).del('/v1/sessions/current'), 204);
  const { url } = await browser.go((await answer.json()).location, ours);
  assert.equal(new URL(url).search, '?login_error=expired');
  assert.deepEqual(await stack.sql("SELECT COUNT(*) FROM identity WHERE subject = 'late'"), [['0']]);
});

test('who may not', async () => {
  const nobody = api(stack);
  assertProblem(await nobody.post('/v1/oidc/keycloak'), 'unauthenticated');
  assertProblem(await nobody.get('/v1/users/me/identities'), 'unauthenticated');
  assertProblem(await nobody.del('/v1/users/me/identities/keycloak'), 'unauthenticated');
  const ann = await signUp(stack);
  assertProblem(await api(stack, ann).post('/v1/oidc/keycloak', undefined, { Origin: 'https://evil.example' }), 'bad-origin');
  assertProblem(await api(stack, ann).post('/v1/oidc/google'), 'not-found');
  assertProblem(await nobody.get('/v1/oidc/google'), 'not-found');
  assertProblem(await nobody.get('/v1/oidc/%ff'), 'not-found');
  assertProblem(await nobody.get('/v1/oidc/google/callback'), 'not-found');
  assertOk(await nobody.get('/v1/oidc'), 200, { providers: ['keycloak'] });
});

test('nothing secret is logged', () => {
  const log = stack.log('api');
  assert.match(log, /login with keycloak: accepted for user \d+/);
  assert.doesNotMatch(log, /id_token|code=|a secret|eyJ/);
});

test('a provider that does not do as it should lets nobody in', async () => {
  const now = () => Math.floor(Date.now() / 1000);
  await set(odd.conf);
  odd.usual();
  assert.equal((await logIn()).at, '/', 'as it is it would do');
  const { form } = odd.asked.find(({ pathname }) => pathname === '/token');
  assert.deepEqual([form.get('grant_type'), form.get('code'), form.get('redirect_uri'), form.get('client_secret')],
    ['authorization_code', 'c', callback(), null], 'no methods are named, so the secret went into the header');
  const lies = {
    'another issuer': { claims: (c) => ({ ...c, iss: `${c.iss}/` }) },
    'another client': { claims: (c) => ({ ...c, aud: 'other' }) },
    'clients without ours': { claims: (c) => ({ ...c, aud: ['other'] }) },
    'ours among others': { claims: (c) => ({ ...c, aud: ['other', 'maru'] }) },
    'made for another': { claims: (c) => ({ ...c, aud: ['other', 'maru'], azp: 'other' }) },
    'no client': { claims: ({ aud, ...c }) => c },
    'too old': { claims: (c) => ({ ...c, exp: now() - 120 }) },
    'no end': { claims: ({ exp, ...c }) => c },
    'another nonce': { claims: (c) => ({ ...c, nonce: 'x' }) },
    'no nonce': { claims: ({ nonce, ...c }) => c },
    'no subject': { claims: ({ sub, ...c }) => c },
    'empty subject': { claims: (c) => ({ ...c, sub: '' }) },
    'a number': { claims: (c) => ({ ...c, sub: 7 }) },
    'long subject': { claims: (c) => ({ ...c, sub: 'x'.repeat(256) }) },
    'no claims': { claims: () => [] },
    'no token': { token: () => ({}) },
    'no parts': { token: () => ({ id_token: 'abc' }) },
    'no base64': { token: () => ({ id_token: 'a.%.c' }) },
    'no JSON': { token: () => 'hello' },
    'no object': { token: () => '[]' },
    'an error': { token: (_, res) => { res.statusCode = 400; return { error: 'invalid_grant' }; } },
    'a redirect': { token: (answer, res) => { res.writeHead(307, { Location: '/elsewhere' }); return answer; } },
    'too much': { token: () => `"${'x'.repeat(100000)}"` },
    'hung up': { token: (_, res) => { res.destroy(); } },
  };
  for (const [what, change] of Object.entries(lies)) {
    Object.assign(odd.usual(), change);
    const { at, me } = await logIn();
    assert.deepEqual([at, me], ['/?login_error=provider', null], what);
  }
  Object.assign(odd.usual(), { claims: (c) => ({ ...c, aud: ['other', 'maru'], azp: 'maru' }) });
  assert.equal((await logIn()).at, '/');
});

test('a provider that can not be asked', async () => {
  for (const discovery of [() => 'hello', () => ({}), (d) => ({ ...d, issuer: 'https://other.example' }), (d) => ({ ...d, token_endpoint: 'http://other.example/token' }),
    (d) => ({ ...d, authorization_endpoint: 'javascript:alert(1)' }), (d) => ({ ...d, authorization_endpoint: `${d.issuer}/a\r\nX: y` }),
    (d, res) => { res.statusCode = 500; return d; }]) {
    Object.assign(odd.usual(), { discovery });
    await set({});
    assert.equal((await logIn()).at, '/?login_error=provider', String(discovery));
    const ann = await signUp(stack);
    assertProblem(await api(stack, ann).post('/v1/oidc/keycloak'), 'unavailable');
  }
  odd.usual();
  await set({});
  await logIn();
  const asked = odd.asked.filter(({ pathname }) => pathname.startsWith('/.well-known/')).length;
  for (let i = 0; i < 8; i++) await logIn();
  assert.ok(odd.asked.filter(({ pathname }) => pathname.startsWith('/.well-known/')).length <= Math.max(asked, 2), 'asked once by each worker');
});

test('codes that are none are counted', async () => {
  await set({ ...odd.conf, login_attempts: 1 });
  await stack.sql("DELETE FROM throttle WHERE name LIKE 'oidc-from:%'");
  for (let i = 0; i < 8; i++) {
    odd.usual();
    assert.equal((await logIn()).at, '/', 'a login that succeeds counts for nothing');
  }
  await stack.sql("DELETE FROM throttle WHERE name LIKE 'oidc-from:%'");
  Object.assign(odd.usual(), { token: () => ({}) });
  for (let i = 0; i < 5; i++) assert.equal((await logIn()).at, '/?login_error=provider');
  const { answer } = await new Browser().go(start(), ours);
  assert.equal(answer.status, 429);
  assert.equal((await answer.json()).type, '/problems/throttled');
  await stack.sql("DELETE FROM throttle WHERE name LIKE 'oidc-from:%'");
  await set({ login_attempts: 1000 });
});

test('a provider that never answers keeps only some workers', async () => {
  await set({ ...odd.conf, workers: 4 });
  const held = [];
  Object.assign(odd.usual(), { discovery: (_, res) => { held.push(res); } });
  const waiting = Array.from({ length: 6 }, () => logIn());
  await until(() => held.length === 2, 5000, 'two who wait');
  const ann = await signUp(stack);
  for (let i = 0; i < 5; i++) assertOk(await api(stack, ann).get('/v1/users/me'), 200);
  assert.equal(held.length, 2);
  odd.discovery = (document) => document;
  for (const res of held) res.destroy();
  await Promise.all(waiting);
});
