// Builds the page into a directory: node web/build.mjs OUT [--minify]
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { emoji } from './emoji.mjs';

const web = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2];
if (!out) throw new Error('node web/build.mjs OUT');

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
for (const name of readdirSync(join(web, 'static'))) cpSync(join(web, 'static', name), join(out, name), { recursive: true });
for (const name of ['docs', 'stickers']) cpSync(join(web, name), join(out, name), { recursive: true });
// What finds faces: of a whole library, the network alone.
copyFileSync(createRequire(import.meta.url).resolve('@mediapipe/face_detection/face_detection_short_range.tflite'), join(out, 'face.tflite'));

const common = {
  bundle: true, minify: true, target: ['es2022', 'safari16'], legalComments: 'none', logLevel: 'warning',
  jsx: 'automatic', jsxImportSource: 'preact', plugins: [emoji],
  alias: { 'maru-client': join(web, '../sdk/js/src/index.ts') },
};
await build({ ...common, entryPoints: { app: join(web, 'src/main.tsx'), style: join(web, 'src/style.css') }, outdir: out, format: 'esm', splitting: true, chunkNames: 'parts/[name]-[hash]', external: ['*.svg'] });
await build({ ...common, entryPoints: { widget: join(web, 'widget/main.tsx') }, outdir: out, format: 'iife', loader: { '.css': 'text' } });
await build({ ...common, entryPoints: { face: join(web, 'worker/face.ts') }, outdir: out, format: 'iife' });

// What the page needs to open without a network; the rest is fetched when somebody asks for it.
const shell = ['index.html', 'app.js', 'style.css', 'theme.js', 'favicon.svg', 'favicon-dot.svg', 'manifest.webmanifest', ...readdirSync(join(out, 'parts')).map((name) => `parts/${name}`)];
const hash = createHash('sha256');
for (const name of shell) hash.update(readFileSync(join(out, name)));
await build({ ...common, entryPoints: { offline: join(web, 'worker/offline.ts') }, outdir: out, format: 'iife',
  define: { FILES: JSON.stringify(['./', ...shell]), BUILD: JSON.stringify(`maru-${hash.digest('hex').slice(0, 12)}`) } });
