// A bucket for tests that only serves, and only what is signed in the query (AWS Signature Version 4),
// by the book and not by Maru's code: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
//
//   const bucket = await startVerifier();                    // { conf, objects, requests, answer, close }
//   const stack = await startStack({ conf: bucket.conf });
//   bucket.objects.set('ab/abcdef', Buffer.from('x'));       // by what stands behind the bucket's name
//   bucket.answer = { status: 500 };                         // instead of the object; null: no more
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const ACCESS_KEY = 'test:tester';
const SECRET_KEY = 'testing/+=';
const REGION = 'ap-northeast-2';
const BUCKET = 'talk';

const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

// Why a request is refused; undefined if it is signed.
function whatIsWrong(method, url, headers, now) {
  const [path, query = ''] = url.split(/\?(.*)/s);
  const params = query.split('&').map((pair) => pair.split(/=(.*)/s).slice(0, 2).map(decodeURIComponent));
  const given = Object.fromEntries(params);
  const [key, date, region, service, end] = (given['X-Amz-Credential'] ?? '').split('/');
  if (new Set(params.map(([name]) => name)).size !== params.length) return 'a parameter comes twice';
  if (given['X-Amz-Algorithm'] !== 'AWS4-HMAC-SHA256' || given['X-Amz-SignedHeaders'] !== 'host') return 'AuthorizationQueryParametersError';
  if (key !== ACCESS_KEY) return 'InvalidAccessKeyId';
  if (region !== REGION || service !== 's3' || end !== 'aws4_request') return 'the scope is another';
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(given['X-Amz-Date']) ?? [];
  const begins = Date.UTC(y, mo - 1, d, h, mi, s);
  if (!(date === `${y}${mo}${d}` && now >= begins - 900000 && now < begins + 1000 * given['X-Amz-Expires'])) return 'Request has expired';
  const canonical = params.filter(([name]) => name !== 'X-Amz-Signature').map(([name, value]) => `${encode(name)}=${encode(value)}`).sort().join('&');
  const request = [method, path.split('/').map((part) => encode(decodeURIComponent(part))).join('/'), canonical, `host:${headers.host}`, '', 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  const text = ['AWS4-HMAC-SHA256', given['X-Amz-Date'], `${date}/${region}/s3/aws4_request`, createHash('sha256').update(request).digest('hex')].join('\n');
  const right = hmac(['s3', 'aws4_request'].reduce(hmac, hmac(hmac(`AWS4${SECRET_KEY}`, date), region)), text);
  const sent = Buffer.from(given['X-Amz-Signature'] ?? '', 'hex');
  return sent.length === right.length && timingSafeEqual(sent, right) ? undefined : 'SignatureDoesNotMatch';
}

// { status, headers, bytes } of one range, as S3 does it: of several it takes none.
function ranged(bytes, range) {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  if (first === undefined || first + last === '') return { status: 200, bytes };
  const from = first === '' ? Math.max(0, bytes.length - last) : Number(first);
  const to = first === '' || last === '' ? bytes.length - 1 : Math.min(Number(last), bytes.length - 1);
  if (from > to) return { status: 416, headers: { 'Content-Range': `bytes */${bytes.length}` }, bytes: Buffer.from('<Error><Code>InvalidRange</Code></Error>') };
  return { status: 206, headers: { 'Content-Range': `bytes ${from}-${to}/${bytes.length}` }, bytes: bytes.subarray(from, to + 1) };
}

// What S3 says about an object, and what one would say that means no good.
const TOLD = {
  ETag: '"d41d8cd98f00b204e9800998ecf8427e"', 'Last-Modified': 'Mon, 01 Jan 2024 00:00:00 GMT', 'Accept-Ranges': 'bytes', 'x-amz-request-id': '4A0191D9383DE48B', 'x-amz-id-2': 'x',
  'Content-Type': 'text/html', 'Content-Disposition': 'inline', 'Content-Security-Policy': 'default-src *', 'Cache-Control': 'public, max-age=31536000', 'Set-Cookie': 'a=b', 'X-Accel-Redirect': '/docs/errors.html',
};

export function startVerifier({ now = Date.now, pathStyle = true } = {}) {
  const bucket = { objects: new Map(), requests: [], answer: null };
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    const wrong = whatIsWrong(method, url, headers, now());
    const key = url.split('?')[0].slice(pathStyle ? BUCKET.length + 2 : 1);
    const bytes = bucket.objects.get(key);
    const send = ({ status, headers: more, bytes: body = Buffer.from(`<Error>${wrong ?? status}</Error>`) }) => {
      response.writeHead(status, { ...TOLD, ...more, 'Content-Length': body.length });
      response.end(body);
    };
    bucket.requests.push({ method, url, headers, wrong });
    if (bucket.answer?.hangUp) request.socket.destroy();
    else if (bucket.answer) send(bucket.answer);
    else if (wrong) send({ status: 403 });
    else if (!bytes) send({ status: 404 });
    else send(ranged(bytes, headers.range));
  });
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const s3_endpoint = `http://127.0.0.1:${server.address().port}`;
      bucket.conf = { s3_endpoint, s3_bucket: BUCKET, s3_region: REGION, s3_access_key: ACCESS_KEY, s3_secret_key: SECRET_KEY, s3_path_style: pathStyle ? 'on' : 'off' };
      bucket.close = () => { server.close(); server.closeAllConnections?.(); };
      resolve(bucket);
    });
  });
}
