// What api/image.c and api/video.c make of files, through tests/api/looker. Without vips or ffmpeg there is nothing to test.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gif, jpegTurned } from './pictures.mjs';

const looker = join(process.env.MARU_BUILD ?? 'build', 'tests/api/looker');
const has = (program) => existsSync(`/usr/bin/${program}`);

describe('pictures and videos', { skip: has('vips') ? false : 'vips is not installed' }, () => {
  let dir;
  const at = (name) => join(dir, name);
  const made = (end = '') => at(`tmp/out${end}`);
  const run = (program, ...args) => execFileSync(program, args, { cwd: dir, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const vips = (...args) => run('vips', ...args);
  const field = (path, name) => run('vipsheader', '-f', name, path).trim();
  const size = (path) => `${field(path, 'width')}x${field(path, 'height')}`;
  const left = () => readdirSync(at('tmp')).filter((name) => !name.startsWith('helper.'));
  const clean = () => left().forEach((name) => rmSync(at(`tmp/${name}`)));

  // A host that is busy with something else says so (503), like any other.
  function look(what, from) {
    for (let i = 0; ; i++) {
      clean();
      const { err, detail, found } = JSON.parse(execFileSync(looker, [what, dir, at(from), made()], { encoding: 'utf8' }));
      if (err !== 'UNAVAILABLE' || i === 5) return { err, detail, ...found };
    }
  }
  function mustMake(what, from) {
    const image = look(what, from);
    assert.equal(image.err, 'OK', `${from}: ${image.detail}`);
    return image;
  }
  function mustRefuse(from, why) {
    const { err, detail } = look('image', from);
    assert.equal(err, 'BAD_FILE', from);
    if (why) assert.match(detail, why);
    assert.deepEqual(left(), []);
  }

  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'maru-image-'));
    mkdirSync(at('tmp'));
    vips('gaussnoise', 'noise.v', '900', '600', '--mean', '128', '--sigma', '40');
    vips('gaussblur', 'noise.v', 'soft.v', '6');
    vips('bandjoin', 'soft.v noise.v soft.v', 'three.v');
    vips('cast', 'three.v', 'bytes.v', 'uchar');
    vips('copy', 'bytes.v', 'rgb.v', '--interpretation', 'srgb');
    vips('copy', 'rgb.v', 'photo.jpg[Q=90]');
    vips('resize', 'rgb.v', 'large.png', '3');
    vips('resize', 'rgb.v', 'photo.png', '2');
    vips('black', 'drawing.png', '800', '500', '--bands', '3');
    writeFileSync(at('turned.jpg'), jpegTurned(readFileSync(at('photo.jpg'))));
    writeFileSync(at('moving.gif'), gif(60, 40, 12));
  });
  after(() => rmSync(dir, { recursive: true }));

  test('a photograph becomes a JPEG with thumbnails and a placeholder', () => {
    const { type, width, height, frames, placeholder, thumb320, thumb64 } = mustMake('image', 'photo.jpg');
    assert.deepEqual({ type, width, height, frames, thumb320, thumb64 },
      { type: 'image/jpeg', width: 900, height: 600, frames: 1, thumb320: true, thumb64: true });
    assert.equal(size(made()), '900x600');
    assert.equal(size(made('_320')), '320x213');
    assert.equal(size(made('_64')), '64x43');
    for (const end of ['_320', '_64']) assert.equal(field(made(end), 'vips-loader'), 'webpload');
    assert.deepEqual(left().sort(), ['out', 'out_320', 'out_64']);
    assert.ok(placeholder.length < 400, String(placeholder.length));
    writeFileSync(at('placeholder.webp'), Buffer.from(placeholder.replace('data:image/webp;base64,', ''), 'base64'));
    assert.equal(size('placeholder.webp'), '16x11');
    assert.ok(Number(vips('avg', 'placeholder.webp')) > 60);
  });

  test('it stands upright, and does not say where it was made', () => {
    assert.match(readFileSync(at('turned.jpg'), 'latin1'), /SecretCamera/);
    assert.match(run('vipsheader', '-a', 'turned.jpg'), /GPSLatitude/);
    for (const from of ['turned.jpg', 'turned.webp', 'turned.png']) {
      if (from !== 'turned.jpg') vips('copy', 'turned.jpg', from);
      const { width, height } = mustMake('square', from);
      assert.equal(`${width}x${height}`, '600x900', from);
      for (const end of ['', '_320', '_64', '_256']) {
        const said = run('vipsheader', '-a', made(end));
        assert.doesNotMatch(said, /exif|gps|icc|xmp/i, from + end);
        assert.doesNotMatch(readFileSync(made(end), 'latin1'), /SecretCamera|Exif|ICC_PROFILE|ICCP|EXIF/, from + end);
      }
      assert.equal(size(made('_320')), '213x320');
    }
  });

  test('the long edge is 2048 at most; photographs do not stay PNG, drawings do', () => {
    const { type, width, height } = mustMake('image', 'large.png');
    assert.deepEqual({ type, width, height }, { type: 'image/jpeg', width: 2048, height: 1365 });
    assert.equal(mustMake('image', 'drawing.png').type, 'image/png');
  });

  test('what can be seen through stays so', () => {
    vips('extract_band', 'rgb.v', 'alpha.v', '0');
    vips('bandjoin', 'rgb.v alpha.v', 'through.png');
    vips('copy', 'through.png', 'through.webp');
    for (const from of ['through.png', 'through.webp']) {
      assert.match(mustMake('image', from).type, /^image\/(png|webp)$/);
      for (const end of ['', '_320', '_64']) assert.equal(field(made(end), 'bands'), '4', from + end);
    }
  });

  test('grey, CMYK and 16 bits become what browsers show', () => {
    vips('extract_band', 'rgb.v', 'grey.jpg', '0');
    vips('colourspace', 'photo.jpg', 'print.jpg', 'cmyk');
    vips('colourspace', 'photo.jpg', 'deep.png', 'rgb16');
    assert.equal(mustMake('image', 'grey.jpg').type, 'image/jpeg');
    mustMake('image', 'print.jpg');
    assert.match(field(made(), 'interpretation'), /srgb/i);
    mustMake('image', 'deep.png');
    assert.match(field(made(), 'format'), /uchar/i);
  });

  test('the square of an avatar has 256 pixels, of a small picture, too', () => {
    mustMake('square', 'photo.jpg');
    assert.equal(size(made('_256')), '256x256');
    mustMake('square', 'moving.gif');
    assert.equal(size(made('_256')), '256x256');
  });

  test('GIF and WebP that move go on moving, as WebP, and their thumbnails do not', () => {
    mustMake('image', 'moving.gif');
    vips('copy', 'moving.gif[n=-1]', 'moving.webp');
    for (const from of ['moving.gif', 'moving.webp']) {
      const { type, width, height, frames } = mustMake('image', from);
      assert.deepEqual({ type, width, height, frames }, { type: 'image/webp', width: 60, height: 40, frames: 12 });
      assert.equal(field(made(), 'n-pages'), '12');
      assert.equal(field(made(), 'delay').split(' ')[0], '70');
      assert.equal(run('vipsheader', '-a', made('_64')).match(/n-pages: (\d+)/)?.[1] ?? '1', '1');
    }
    writeFileSync(at('still.gif'), gif(60, 40, 1));
    assert.equal(mustMake('image', 'still.gif').type, 'image/png');
  });

  test('AVIF, and HEIC of telephones, become JPEG', (t) => {
    for (const [name, compression] of [['photo.avif', 'av1'], ['photo.heic', 'hevc']]) {
      try { vips('copy', 'photo.jpg', `${name}[compression=${compression}]`); } catch { t.diagnostic(`vips writes no ${name}`); continue; }
      assert.equal(mustMake('image', name).type, 'image/jpeg');
      assert.equal(size(made()), '900x600');
    }
  });

  test('what is no picture, or too much of one, is refused with the reason, and leaves nothing', () => {
    writeFileSync(at('svg.jpg'), '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    mustRefuse('svg.jpg', /no JPEG/);
    writeFileSync(at('frames.gif'), gif(4, 4, 301));
    mustRefuse('frames.gif', /300 frames/);
    vips('black', 'wide.png', '20001', '1');
    mustRefuse('wide.png', /20,000 pixels/);
    vips('black', 'vast.png', '8000', '6251');
    mustRefuse('vast.png', /50 megapixels/);
    for (const name of ['photo.jpg', 'photo.png', 'moving.gif', 'moving.webp']) {
      const whole = readFileSync(at(name));
      writeFileSync(at('cut'), whole.subarray(0, whole.length * 0.6));
      mustRefuse('cut');
    }
    mustRefuse('not there');
  });

  // ---- the jail ----

  function jailed(script, { reads = '/etc/hostname', writes = '-' } = {}) {
    const { err, found } = JSON.parse(execFileSync(looker, ['run', dir, reads, writes, 'perl', '-e', script], { encoding: 'utf8' }));
    return { err, out: found?.out ?? '' };
  }
  const perl = { skip: has('perl') ? false : 'there is no perl' };
  const landlock = () => {
    try { return /landlock/.test(readFileSync('/sys/kernel/security/lsm', 'utf8')); } catch { return jailed('print -r "/etc/passwd" && open(F, "/etc/passwd") ? 1 : 0').out === '0'; }
  };

  test('in the jail there is no network, no other process, and nothing of the worker', perl, () => {
    assert.match(jailed('use Socket; print socket(S, AF_INET, SOCK_STREAM, 0) ? "open" : "$!"').out, /not permitted/);
    assert.match(jailed('use Socket; print socket(S, AF_UNIX, SOCK_STREAM, 0) ? "open" : "$!"').out, /not permitted/);
    assert.match(jailed('my $p = fork(); print defined $p ? "forked" : "$!"').out, /not permitted|not implemented/i);
    assert.match(jailed(`print kill(9, ${process.pid}) ? "killed" : "$!"`).out, /not permitted/);
    assert.equal(jailed('print join ",", sort keys %ENV').out,
      'HOME,LC_ALL,MALLOC_ARENA_MAX,PATH,VIPSHOME,VIPS_BLOCK_UNTRUSTED,VIPS_CONCURRENCY,VIPS_DISC_THRESHOLD,VIPS_NOVECTOR');
    assert.match(jailed('for (3..30) { open(my $f, "<&=", $_) and print "$_ " } print "none"').out, /^none/);
    assert.equal(jailed('print scalar getpgrp() == $$ ? "own" : "shared"').out, 'own');
  });

  test('in the jail only the files that it is about can be read and written', perl, (t) => {
    writeFileSync(at('mine'), 'mine');
    writeFileSync(at('other'), 'other');
    chmodSync(at('other'), 0o666);
    if (!landlock()) return t.skip('this kernel has no Landlock');
    const read = (path) => `open(F, "${path}") ? print <F> : print "$!"`;
    assert.equal(jailed(read(at('mine')), { reads: at('mine') }).out, 'mine');
    assert.match(jailed(read(at('other')), { reads: at('mine') }).out, /denied/);
    assert.match(jailed(`open(F, ">", "${at('other')}") ? print "open" : print "$!"`).out, /denied/);
    assert.match(jailed(`open(F, ">", "${at('tmp/new')}") ? print "open" : print "$!"`).out, /denied/);
    assert.match(jailed(`print unlink("${at('other')}") ? "gone" : "$!"`).out, /denied/);
    assert.match(jailed(`print truncate("${at('other')}", 0) ? "empty" : "$!"`).out, /denied/);
    assert.equal(jailed(`open(F, ">", "${at('tmp/out')}") ? print "open" : print "$!"`, { writes: at('tmp/out') }).out, 'open');
    assert.equal(readFileSync(at('other'), 'utf8'), 'other');
  });

  test('in the jail memory, time and output have their limits', perl, () => {
    assert.equal(jailed('my $x = "x" x 300_000_000; print length $x').err, 'BAD_FILE');
    const since = Date.now();
    assert.match(jailed('1 while 1').err, /^(BAD_FILE|UNAVAILABLE)$/); // who gets no processor can't use it up
    assert.equal(jailed('close STDOUT; close STDERR; sleep 60').err, 'UNAVAILABLE');
    assert.ok(Date.now() - since < 12_000);
    assert.equal(jailed('print "x" x 100_000').err, 'INTERNAL');
    assert.equal(jailed('exit 3').err, 'BAD_FILE');
    assert.equal(jailed('kill 11, $$').err, 'BAD_FILE');
  });

  test('a place is free again when whoever had it was killed', async () => {
    const holder = spawn(looker, ['hold', dir, '60'], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    const since = Date.now();
    const waiting = spawn(looker, ['image', dir, at('photo.jpg'), made()], { stdio: ['ignore', 'pipe', 'inherit'] });
    const answer = new Promise((resolve) => waiting.stdout.once('data', (text) => resolve(JSON.parse(text))));
    setTimeout(() => holder.kill('SIGKILL'), 1000);
    assert.notEqual((await answer).err, 'INTERNAL');
    assert.ok(Date.now() - since > 900);
  });

  // ---- videos ----

  const ffmpeg = { skip: has('ffmpeg') && has('ffprobe') ? false : 'ffmpeg is not installed' };
  const film = (to, codec, ...more) => run('ffmpeg', '-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc2=s=640x360:d=4:r=10', '-c:v', codec, ...more, to);

  test('of a video there are size, duration, and a poster', ffmpeg, () => {
    film('film.mp4', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p');
    film('film.webm', 'libvpx', '-deadline', 'realtime');
    for (const [name, expected] of [['film.mp4', 'video/mp4'], ['film.webm', 'video/webm']]) {
      const bytes = readFileSync(at(name));
      const { err, type, width, height, duration, poster, placeholder } = look('video', name);
      assert.deepEqual({ err, type, width, height, duration, poster }, { err: 'OK', type: expected, width: 640, height: 360, duration: 4000, poster: true });
      assert.match(placeholder, /^data:image\/webp;base64,/);
      assert.deepEqual(left().sort(), ['out_320', 'out_64', 'out_poster']);
      assert.equal(size(made('_poster')), '640x360');
      assert.equal(size(made('_320')), '320x180');
      assert.deepEqual(readFileSync(at(name)), bytes);
    }
  });

  test('a telephone held upright makes an upright video', ffmpeg, () => {
    // From 6 on it is said before the input.
    const isOld = Number(/ffmpeg version (\d+)/.exec(run('ffmpeg', '-version'))[1]) < 6;
    const turned = (...input) => run('ffmpeg', '-v', 'error', '-y', ...input, 'upright.mp4');
    if (isOld) turned('-i', 'film.mp4', '-c', 'copy', '-metadata:s:v', 'rotate=90');
    else turned('-display_rotation', '90', '-i', 'film.mp4', '-c', 'copy');
    const { width, height } = look('video', 'upright.mp4');
    assert.equal(`${width}x${height}`, '360x640');
    assert.equal(size(made('_poster')), '360x640');
  });

  test('a video that nobody understands is kept, and nothing is known of it', ffmpeg, () => {
    writeFileSync(at('broken.mp4'), readFileSync(at('film.mp4')).subarray(0, 5000));
    writeFileSync(at('list.mp4'), `#EXTM3U\n#EXTINF:1,\nfile://${at('film.mp4')}\n`);
    for (const name of ['broken.mp4', 'list.mp4', 'photo.jpg']) {
      const { err, poster, width, duration } = look('video', name);
      assert.deepEqual({ err, poster, width, duration }, { err: 'OK', poster: false, width: 0, duration: 0 }, name);
      assert.deepEqual(left(), []);
    }
    assert.ok(statSync(at('broken.mp4')).size > 0);
  });
});
