// An S3 server that can be told to misbehave, over TLS, under a name that only exists while it is told so.
//
//   const s3 = await startHostile();      // { endpoint, bucket, ..., env, mode, objects, requests, connections, stop() }
//   await s3.set('hang');                 // one of FAULTS, or 'good'; set('500', /^POST/): only for requests such as this
//
// In the good mode it stores what it gets, checks the hash of each body and speaks of ETags as S3 does; it does not verify signatures
// (Swift does). maru-push has to be started with s3.env, which makes it trust the certificate and find the name.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../harness.mjs';

export const FAULTS = ['refused', 'nxdomain', 'hang', 'drip', '500', '503', '403', '301', 'checksum', 'truncated', 'error200', 'tls'];

const NAME = 's3.maru.invalid';
const hash = (kind, data) => createHash(kind).update(data);
const xml = (code, message) => `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;

// A certificate of its own authority for each name.
function certify(dir, file, name) {
  const at = (end) => join(dir, `${file}.${end}`);
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${name}`,
    '-addext', `subjectAltName=DNS:${name},DNS:maru-files.${name}`, '-keyout', at('key'), '-out', at('pem')], { stdio: 'ignore' });
  return { key: readFileSync(at('key')), cert: readFileSync(at('pem')) };
}

// ---- the good mode

function makeStore() {
  const objects = new Map(); // key: { body, meta, etag }
  const uploads = new Map(); // id: { key, meta, parts }
  let last = 0;

  function put(key, query, headers, body) {
    if (hash('sha256', body).digest('hex') !== headers['x-amz-content-sha256']) return [400, {}, xml('XAmzContentSHA256Mismatch', 'The body is another one')];
    const etag = hash('md5', body).digest('hex');
    if (!query.has('partNumber')) objects.set(key, { body, etag, meta: headers['x-amz-meta-sha256'] });
    else if (!uploads.has(query.get('uploadId'))) return [404, {}, xml('NoSuchUpload', 'There is no such upload')];
    else uploads.get(query.get('uploadId')).parts[query.get('partNumber') - 1] = body;
    return [200, { ETag: `"${etag}"` }, ''];
  }

  function post(key, query, headers) {
    if (query.has('uploads')) {
      const id = `id+/=${++last}`;
      uploads.set(id, { key, meta: headers['x-amz-meta-sha256'], parts: [] });
      return [200, {}, `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`];
    }
    const upload = uploads.get(query.get('uploadId'));
    if (!upload) return [404, {}, xml('NoSuchUpload', 'There is no such upload')];
    const sums = Buffer.concat(upload.parts.map((part) => hash('md5', part).digest()));
    const etag = `${hash('md5', sums).digest('hex')}-${upload.parts.length}`;
    objects.set(key, { body: Buffer.concat(upload.parts), etag, meta: upload.meta });
    uploads.delete(query.get('uploadId'));
    return [200, {}, `<CompleteMultipartUploadResult><ETag>&quot;${etag}&quot;</ETag></CompleteMultipartUploadResult>`];
  }

  function get(key, query) {
    if (query.has('uploads')) {
      const found = [...uploads].filter(([, upload]) => upload.key.startsWith(query.get('prefix')));
      return [200, {}, `<ListMultipartUploadsResult>${found.map(([id, upload]) => `<Upload><Key>${upload.key}</Key><UploadId>${id}</UploadId></Upload>`).join('')}</ListMultipartUploadsResult>`];
    }
    const object = objects.get(key);
    if (!object) return [404, {}, xml('NoSuchKey', 'There is no such key')];
    return [200, { ETag: `"${object.etag}"`, ...(object.meta ? { 'x-amz-meta-sha256': object.meta } : {}) }, object.body];
  }

  function remove(key, query) {
    if (query.has('uploadId')) uploads.delete(query.get('uploadId'));
    else objects.delete(key);
    return [204, {}, ''];
  }

  const answer = (method, key, query, headers, body) => ({ PUT: put, POST: post, GET: get, HEAD: get, DELETE: remove }[method](key, query, headers, body));
  return { objects, uploads, answer };
}

// ---- the others

function send(answer, method, [status, headers, body]) {
  answer.writeHead(status, { 'Content-Length': Buffer.byteLength(body), ...headers });
  answer.end(method === 'HEAD' ? undefined : body);
}

// Answers by a fault; false: in the good mode.
function misbehave(mode, request, answer) {
  const { method, socket } = request;
  const error = (status, code, message, headers = {}) => send(answer, method, [status, headers, xml(code, message)]);
  switch (mode) {
    case 'hang': return true;
    case 'drip': {
      const text = `HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n${' '.repeat(100000)}`;
      let n = 0;
      const timer = setInterval(() => socket.write(text[n++]), 1000);
      socket.on('close', () => clearInterval(timer));
      return true;
    }
    case '500': error(500, 'InternalError', 'We encountered an internal error. Please try again.'); return true;
    case '503': error(503, 'SlowDown', 'Please reduce your request rate.', { 'Retry-After': '2' }); return true;
    case '403': error(403, 'AccessDenied', 'Access Denied'); return true;
    case '301': error(301, 'PermanentRedirect', 'The bucket must be addressed at another endpoint.', { Location: 'https://maru-files.elsewhere.invalid/', 'x-amz-bucket-region': 'xx-north-1' }); return true;
    case 'truncated': socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nETag: "'); return true;
    case 'error200': error(200, 'InternalError', 'We encountered an internal error. Please try again.'); return true;
    default: return false;
  }
}

export async function startHostile() {
  const dir = mkdtempSync(join(tmpdir(), 'maru-hostile.'));
  const names = join(dir, 'names');
  const own = certify(dir, 'own', NAME);
  const other = certify(dir, 'other', 'other.invalid');
  const store = makeStore();
  const sockets = new Set();
  const s3 = { mode: 'good', only: /^/, requests: [], connections: 0, bucket: 'maru-files', region: 'us-east-1', accessKey: 'key', secretKey: 'secret', objects: store.objects, uploads: store.uploads };
  writeFileSync(join(dir, 'all.pem'), Buffer.concat([own.cert, other.cert]));

  function serve(request, answer) {
    const url = new URL(request.url, 'https://x');
    const key = url.pathname.slice(`/${s3.bucket}/`.length);
    const parts = [];
    s3.requests.push(`${request.method} ${request.url}`);
    if (s3.only.test(s3.requests.at(-1)) && misbehave(s3.mode, request, answer)) {
      if (s3.mode !== 'drip') request.resume();
      return;
    }
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const [status, headers, body] = store.answer(request.method, key, url.searchParams, request.headers, Buffer.concat(parts));
      if (s3.mode === 'checksum' && headers.ETag) headers.ETag = `"${hash('md5', `not ${headers.ETag}`).digest('hex')}"`;
      send(answer, request.method, [status, headers, body]);
    });
  }

  const server = createServer(own, serve);
  server.on('connection', (socket) => {
    s3.connections++;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => {});
  const listen = (port) => new Promise((resolve, reject) => { server.once('error', reject).listen(port, '127.0.0.1', resolve); });
  const close = () => new Promise((resolve) => { server.close(resolve); for (const socket of sockets) socket.destroy(); });
  await listen(0);
  const { port } = server.address();
  writeFileSync(names, `${NAME} 127.0.0.1\n`);
  Object.assign(s3, {
    endpoint: `https://${NAME}:${port}`,
    env: { SSL_CERT_FILE: join(dir, 'all.pem'), MARU_NAMES: names, LD_PRELOAD: join(root, process.env.MARU_BUILD ?? 'build', 'tests/api/elsewhere.so'),
      // What is preloaded comes before AddressSanitizer, where that is built in.
      ASAN_OPTIONS: [process.env.ASAN_OPTIONS, 'verify_asan_link_order=0'].filter(Boolean).join(':') },
    async set(mode, only = /^/) {
      s3.mode = mode;
      s3.only = only;
      writeFileSync(names, mode === 'nxdomain' ? '' : `${NAME} 127.0.0.1\n`);
      server.setSecureContext(mode === 'tls' ? other : own);
      for (const socket of sockets) socket.destroy();
      if (mode === 'refused') await close();
      else if (!server.listening) await listen(port);
    },
    async stop() {
      if (server.listening) await close();
      rmSync(dir, { recursive: true, force: true });
    },
  });
  return s3;
}
