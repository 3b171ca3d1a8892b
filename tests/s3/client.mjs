// An S3 client of a few lines, for tests: requests signed with AWS Signature Version 4 by node:crypto, so that maru-push is not
// judged by its own library.
//
//   const bucket = s3Client({ endpoint, bucket, region, accessKey, secretKey });
//   await bucket.create(); await bucket.get('ab/ab12...'); await bucket.list(); await bucket.unfinished();
import { createHash, createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';

const hash = (data) => createHash('sha256').update(data).digest('hex');
const hmac = (key, data) => createHmac('sha256', key).update(data).digest();
const escaped = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

export function signed({ endpoint, region, accessKey, secretKey }, method, path, query, body) {
  const { host } = new URL(endpoint);
  const now = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${now.slice(0, 8)}/${region}/s3/aws4_request`;
  const headers = { host, 'x-amz-content-sha256': hash(body), 'x-amz-date': now };
  const names = Object.keys(headers).sort();
  const search = Object.keys(query).sort().map((name) => `${escaped(name)}=${escaped(query[name])}`).join('&');
  const canonical = [method, path, search, ...names.map((name) => `${name}:${headers[name]}`), '', names.join(';'), headers['x-amz-content-sha256']].join('\n');
  const key = [region, 's3', 'aws4_request'].reduce(hmac, hmac(`AWS4${secretKey}`, now.slice(0, 8)));
  const signature = createHmac('sha256', key).update(['AWS4-HMAC-SHA256', now, scope, hash(canonical)].join('\n')).digest('hex');
  headers.authorization = `AWS4-HMAC-SHA256 Credential=${accessKey}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { url: `${endpoint}${path}${search ? `?${search}` : ''}`, headers };
}

const all = (xml, name) => [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text]) => text);

export function s3Client(server) {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const call = (method, key, query = {}, body = Buffer.alloc(0)) => new Promise((resolve, reject) => {
    const { url, headers } = signed(server, method, `/${server.bucket}${key === undefined ? '' : `/${key}`}`, query, body);
    const sending = request(url, { method, agent, headers: { ...headers, 'content-length': body.length } }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }));
    });
    sending.on('error', reject);
    sending.end(body);
  });
  const must = async (answer, ...statuses) => {
    const { status, headers, body } = await answer;
    if (!statuses.includes(status)) throw new Error(`S3: ${status} ${body}`);
    return { status, headers, body };
  };
  return {
    ...server,
    call,
    // One that is there already is ours.
    create: () => must(call('PUT'), 200, 409),
    put: (key, body) => must(call('PUT', key, {}, body), 200),
    // The bytes of an object; undefined if there is none.
    get: async (key) => { const { status, body } = await must(call('GET', key), 200, 404); return status === 200 ? body : undefined; },
    // The names of all objects, a thousand at a time.
    list: async () => {
      const keys = [];
      for (let marker = ''; ;) {
        const xml = String((await must(call('GET', undefined, { marker, 'max-keys': '1000' }), 200)).body);
        keys.push(...all(xml, 'Key'));
        if (!xml.includes('<IsTruncated>true')) return keys;
        marker = keys.at(-1);
      }
    },
    // The names of the objects of which a multipart upload was begun and not ended.
    unfinished: async () => all(String((await must(call('GET', undefined, { uploads: '' }), 200)).body), 'Key'),
  };
}
