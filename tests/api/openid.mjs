// OpenID providers on this host, and a browser that goes there and back.
import { createServer } from 'node:http';
import { after } from 'node:test';
import Provider from 'oidc-provider';
import { freePort } from '../harness.mjs';
import { b64 } from './check.mjs';

const CLIENT = { client_id: 'maru', client_secret: 'a secret: with %2F, +, & and =' };

class Server {
  async open() {
    this.port ??= await freePort();
    this.server = createServer((req, res) => this.take(req, res));
    await new Promise((resolve) => { this.server.listen(this.port, '127.0.0.1', resolve); });
    after(() => this.close());
    return this;
  }
  get issuer() { return `http://127.0.0.1:${this.port}`; }
  get conf() {
    return { oidc_name: 'keycloak', oidc_issuer: this.issuer, oidc_client_id: CLIENT.client_id, oidc_client_secret: CLIENT.client_secret };
  }
  async close() {
    const closed = new Promise((resolve) => { this.server.close(resolve); });
    this.server.closeAllConnections();
    await closed;
  }
}

// A real one. whoever comes is `person` ({ sub, nickname, ... }); null: they change their mind.
export class RealProvider extends Server {
  person = { sub: 'somebody' };
  known = new Map();

  serve(redirect, method) {
    const provider = new Provider(this.issuer, {
      clients: [{ ...CLIENT, redirect_uris: [redirect], token_endpoint_auth_method: method }],
      clientAuthMethods: [method],
      cookies: { keys: ['some key'] },
      conformIdTokenClaims: false,
      claims: { openid: ['sub'], profile: ['nickname', 'name', 'preferred_username'] },
      features: { devInteractions: { enabled: false } },
      findAccount: (_, id) => ({ accountId: id, claims: () => this.known.get(id) }),
      interactions: { url: (_, { uid }) => `/interaction/${uid}` },
      loadExistingGrant: async ({ oidc }) => {
        const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
        grant.addOIDCScope('openid profile');
        await grant.save();
        return grant;
      },
      pkce: { required: () => true, methods: ['S256'] },
      ttl: { Session: 60, Grant: 60, Interaction: 60, IdToken: 60, AccessToken: 60 },
    });
    this.provider = provider;
    this.callback = provider.callback();
    return this;
  }
  take(req, res) {
    if (!req.url.startsWith('/interaction/')) return this.callback(req, res);
    if (this.person === null) return this.provider.interactionFinished(req, res, { error: 'access_denied' });
    this.known.set(this.person.sub, this.person);
    return this.provider.interactionFinished(req, res, { login: { accountId: this.person.sub } }, { mergeWithLastSubmission: false });
  }
}

// One of bad habits: discovery(document), claims(claims) and token(answer, res) change what it says.
export class OddProvider extends Server {
  asked = [];

  usual() {
    this.asked.length = 0;
    this.discovery = (document) => document;
    this.claims = (claims) => claims;
    this.token = (answer) => answer;
    return this;
  }
  take(req, res) {
    const parts = [];
    req.on('data', (part) => parts.push(part));
    req.on('end', () => {
      const { pathname, searchParams } = new URL(req.url, this.issuer);
      const form = new URLSearchParams(Buffer.concat(parts).toString());
      this.asked.push({ pathname, form });
      const reply = (value) => { if (value !== undefined && !res.writableEnded) res.end(typeof value === 'string' ? value : JSON.stringify(value)); };
      if (pathname === '/authorize') {
        this.nonce = searchParams.get('nonce');
        res.writeHead(303, { Location: `${searchParams.get('redirect_uri')}?code=c&state=${searchParams.get('state')}` });
        res.end();
      } else if (pathname === '/token') {
        const now = Math.floor(Date.now() / 1000);
        const claims = this.claims({ iss: this.issuer, aud: 'maru', sub: 'odd one', nonce: this.nonce, iat: now, exp: now + 60 });
        reply(this.token({ token_type: 'Bearer', access_token: 'x', id_token: `${b64({ alg: 'none' })}.${b64(claims)}.` }, res));
      } else {
        reply(this.discovery({ issuer: this.issuer, authorization_endpoint: `${this.issuer}/authorize`, token_endpoint: `${this.issuer}/token` }, res));
      }
    });
  }
}

// Follows redirects as a browser does, with cookies for each host; stops where the path is stop.
export class Browser {
  jars = new Map();

  cookies(url) { return this.jars.get(new URL(url).host) ?? this.jars.set(new URL(url).host, new Map()).get(new URL(url).host); }
  async get(url, options = {}) {
    const jar = this.cookies(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, { redirect: 'manual', ...options, headers: { ...(cookie ? { cookie } : {}), ...options.headers } });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value === '' || /max-age=0/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return answer;
  }
  // Resolves with the answer at which the way ends, and where that is.
  async go(url, stop = () => false) {
    for (let i = 0; i < 12; i++) {
      const answer = await this.get(url);
      const next = answer.headers.get('location');
      if (next === null) return { answer, url };
      url = new URL(next, url).href;
      if (stop(new URL(url))) return { answer, url };
    }
    throw new Error('this way has no end');
  }
}
