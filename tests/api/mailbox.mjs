// Mail servers: a real one that keeps what it gets (Debian's python3-aiosmtpd), and one that says what it is told to.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { freePort, until } from '../harness.mjs';

// 'To: <a@b>\r\n...' -> { headers: { to: '<a@b>', ... }, text }, with encoded words and base64 read.
export function readLetter(raw) {
  const [head, ...rest] = raw.replace(/\r\n/g, '\n').split('\n\n');
  const words = (value) => value.replace(/=\?UTF-8\?B\?([^?]*)\?=/gi, (_, code) => Buffer.from(code, 'base64').toString());
  const unfolded = head.replace(/\?=\n[ \t]+=\?/g, '?==?').replace(/\n[ \t]+/g, ' ');
  const headers = Object.fromEntries(unfolded.split('\n').map((line) => {
    const [, name, value] = /^([^:]+): *(.*)$/.exec(line);
    return [name.toLowerCase(), words(value)];
  }));
  return { raw, headers, text: Buffer.from(rest.join('\n\n'), 'base64').toString() };
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
    socket.on('error', () => resolve(false));
  });
}

// A real server; tls: with STARTTLS, by a certificate that nobody signed.
export class Mailbox {
  dir = mkdtempSync(join(tmpdir(), 'maru-mail.'));

  async open({ tls = false } = {}) {
    this.port ??= await freePort();
    const args = ['-n', '-u', '-l', `127.0.0.1:${this.port}`, '-c', 'aiosmtpd.handlers.Mailbox', join(this.dir, 'box')];
    if (tls) { // offered, not demanded
      const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(this.dir, name));
      if (spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost',
        '-keyout', key, '-out', cert]).status !== 0) throw new Error('openssl makes no certificate');
      args.splice(2, 0, '--no-requiretls', '--tlscert', cert, '--tlskey', key);
    }
    this.server = spawn('/usr/bin/aiosmtpd', args, { stdio: 'ignore' });
    this.ended = new Promise((resolve) => { this.server.on('exit', resolve); });
    after(() => this.close());
    await until(() => answers(this.port), 10000, 'aiosmtpd to listen');
    return this;
  }
  get url() { return `smtp://127.0.0.1:${this.port}`; }
  get letters() {
    let names;
    try { names = readdirSync(join(this.dir, 'box/new')); } catch { return []; }
    return names.map((name) => readLetter(readFileSync(join(this.dir, 'box/new', name), 'utf8')));
  }
  to(address) { return this.letters.filter(({ headers }) => headers.to === `<${address}>`); }
  // The code of the n-th letter to an address.
  async code(address, n = 1) {
    await until(() => this.to(address).length >= n, 15000, `letter ${n} to ${address}`);
    const seen = this.seen ??= new Set();
    const letter = this.to(address).find(({ raw }) => !seen.has(raw));
    seen.add(letter.raw);
    return /^\d{6}$/m.exec(letter.text)[0];
  }
  async stop() {
    this.server.kill();
    await this.ended;
  }
  async close() {
    await this.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

// A server of bad habits: answer(verb, line) gives the line that it says, or nothing.
export class OddMailServer {
  letters = [];
  sockets = new Set();
  answer = () => undefined;
  server = createServer((socket) => this.take(socket));

  async open() {
    await new Promise((resolve) => { this.server.listen(this.port ?? 0, '127.0.0.1', resolve); });
    if (this.port === undefined) after(() => this.close());
    this.port = this.server.address().port;
    return this;
  }
  get url() { return `smtp://127.0.0.1:${this.port}`; }
  take(socket) {
    let rest = '';
    let letter = null;
    const say = (verb, usual, line = verb) => {
      const told = this.answer(verb, line);
      if (told !== null) socket.write(`${told ?? usual}\r\n`); // null: never
      return told === undefined;
    };
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => {});
    socket.on('data', (data) => {
      rest += data;
      for (let n = rest.indexOf('\r\n'); n >= 0; n = rest.indexOf('\r\n')) {
        const line = rest.slice(0, n);
        rest = rest.slice(n + 2);
        if (letter === null) {
          const verb = line.split(' ')[0].toUpperCase();
          if (say(verb, { DATA: '354 go on', QUIT: '221 bye' }[verb] ?? '250 ok', line) && verb === 'DATA') letter = [];
        } else if (line === '.') {
          this.letters.push(readLetter(letter.join('\r\n')));
          letter = null;
          say('TEXT', '250 taken');
        } else {
          letter.push(line.replace(/^\./, ''));
        }
      }
    });
    say('CONNECT', '220 here');
  }
  async close() {
    if (!this.server.listening) return;
    const closed = new Promise((resolve) => { this.server.close(resolve); });
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}
