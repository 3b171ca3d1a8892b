// What somebody gets of a file who may not: a stranger, an ex-member, through another room, by guessing, past maru-api, or
// with what they remember of it after it was deleted. On the disk and in the bucket.
//
//   make bench-files ONLY=access
import { randomBytes } from 'node:crypto';
import { api, freshName, signUp, startStack, until } from '../../tests/harness.mjs';
import { download, png, upload } from '../../tests/api/filekit.mjs';
import { must, startWithBucket, waiting } from './filing.mjs';

const GUESSES = 200;

async function tryAll(stack, swift) {
  const at = (who) => api(stack, who);
  const [ann, bob, eve] = await Promise.all([signUp(stack), signUp(stack), signUp(stack)]);
  const roomOf = async (who, kind) => (await must(at(who).post('/v1/rooms', { title: freshName('room'), kind }), 201)).id;
  const room = await roomOf(ann, 'public');
  const evesRoom = await roomOf(eve, 'public');
  for (const who of [bob, eve]) await must(at(who).put(`/v1/rooms/${room}/members/me`, {}), 201).catch(() => must(at(who).put(`/v1/rooms/${room}/members/me`, {}), 200));
  const secret = randomBytes(50000);
  const send = async (bytes, type) => {
    const { body: file } = await upload(stack, ann, bytes, { type });
    const { seq } = await must(at(ann).post(`/v1/rooms/${room}/messages`, { client_id: freshName('m'), attachments: [file.id] }), 201);
    return { ...file, seq };
  };
  const document = await send(secret);
  const picture = await send(png(600, 400, 1), 'image/png');
  if (swift) await until(() => waiting(stack) === 0, 30000, 'the spool to be empty');
  const files = [document, picture];
  const [object] = (await stack.sql(`SELECT object FROM file WHERE id = ${document.id}`))[0];
  let attempts = 0;
  const got = [];
  // Each answer but a refusal is one too many.
  const refuse = async (what, asking, refusals = [404]) => {
    attempts++;
    const { status, bytes } = await asking;
    if (!refusals.includes(status) || (bytes && bytes.includes(secret.subarray(0, 100)))) got.push(`${what}: ${status}`);
  };
  const ways = (file) => [file.url, `${file.url}/thumb`, `${file.url}/thumb?size=64`];
  const readable = async (who) => Promise.all(files.flatMap((file) => [file.url]).map(async (url) => (await download(stack, who, url)).status));
  const tags = await Promise.all(files.map(async ({ url }) => (await download(stack, eve, url)).headers.get('etag')));
  if ((await readable(eve)).join() !== '200,200') throw new Error('a member can not read');

  await must(at(eve).del(`/v1/rooms/${room}/members/me`), 204);
  for (const [i, file] of files.entries()) {
    for (const url of ways(file)) {
      await refuse(`an ex-member, ${url}`, download(stack, eve, url));
      await refuse(`with its tag, ${url}`, download(stack, eve, url, { 'If-None-Match': tags[i] }));
      await refuse(`a piece, ${url}`, download(stack, eve, url, { Range: 'bytes=0-99', 'If-Range': tags[i] }));
      await refuse(`nobody, ${url}`, download(stack, undefined, url), [401]);
    }
    await refuse('sent on in a room of their own', at(eve).post(`/v1/rooms/${evesRoom}/messages`, { client_id: freshName('m'), attachments: [file.id] }), [422]);
    await refuse('forwarded', at(eve).post(`/v1/rooms/${room}/messages/${file.seq}/forward`, { client_id: freshName('f'), rooms: [evesRoom] }), [403, 404]);
    await refuse('as the own avatar', at(eve).put('/v1/users/me/avatar', { file: file.id }), [422]);
    await refuse('by the own profile', at(eve).patch('/v1/users/me', { avatar: `file-${file.id}` }), [422]);
    await refuse('as a cover', at(eve).put(`/v1/rooms/${evesRoom}/cover`, { file: file.id }), [422]);
    await refuse('taken back', at(eve).del(`/v1/files/${file.id}`));
  }
  for (const path of [`/_files/${object.slice(0, 2)}/${object}`, `/_files/${object.slice(0, 2)}/${object}?/maru-files/${object.slice(0, 2)}/${object}`, `/store/${object.slice(0, 2)}/${object}`,
    `/files/${object}`, `/v1/files/${object}`, `/v1/files/..%2f..%2f_files/${object.slice(0, 2)}/${object}`, `/v1/files/${document.id}/../../../_files/${object.slice(0, 2)}/${object}`])
    await refuse(`past maru-api, ${path}`, download(stack, eve, path), [400, 404]);
  const mine = new Set(files.map(({ id }) => id));
  for (let id = 1; id <= GUESSES; id++) if (!mine.has(id)) await refuse(`guessed, ${id}`, download(stack, eve, `/v1/files/${id}`));
  for (const id of mine) await refuse(`guessed, ${id}`, download(stack, eve, `/v1/files/${id}`));

  if ((await readable(bob)).join() !== '200,200') throw new Error('a member can not read any more');
  for (const { seq } of files) await must(at(ann).del(`/v1/rooms/${room}/messages/${seq}`), 204);
  for (const [i, file] of files.entries()) {
    for (const url of ways(file)) {
      await refuse(`after it was deleted, ${url}`, download(stack, bob, url));
      await refuse(`deleted, with its tag, ${url}`, download(stack, bob, url, { 'If-None-Match': tags[i] }));
    }
  }
  await until(async () => (await stack.sql(`SELECT COUNT(*) FROM file WHERE id IN (${[...mine].join()})`))[0][0] === '0', 20000, 'the rows to go');
  for (const file of files) await refuse('by its owner, after it was deleted', download(stack, ann, file.url));
  if (swift) {
    await until(async () => (await swift.list()).length === 0, 30000, 'the bucket to be empty').catch(() => {});
    for (const key of await swift.list()) got.push(`still in the bucket: ${key}`);
  }
  return { attempts, got };
}

export async function access({ bar }) {
  const sum = { attempts: 0, got: [] };
  const add = ({ attempts, got }) => { sum.attempts += attempts; sum.got.push(...got); };
  const local = await startStack();
  add(await tryAll(local));
  await local.stop();
  const { stack, swift, stop } = await startWithBucket();
  add(await tryAll(stack, swift));
  await stop();
  for (const line of sum.got) console.log(line);
  bar('files_access_attempts', sum.attempts, 'attempts', '>=400');
  bar('files_access_got', sum.got.length, 'answers', '<=0');
}
