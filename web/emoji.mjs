// SPDX-License-Identifier: MIT
// The emoji of a language as the page wants them: a list of groups, each a list of [emoji, name, words to
// find it by]. An esbuild plugin: import('emoji-data/ko').
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const files = { en: 'en/cldr', ko: 'ko/cldr-native' };
const NEWEST = 15; // what is younger many devices show as a box
const COMPONENT = 2; // tones of skin and hair

function dataOf(language) {
  const all = JSON.parse(readFileSync(createRequire(import.meta.url).resolve(`emoji-picker-element-data/${files[language]}/data.json`), 'utf8'));
  const groups = [];
  for (const { emoji, annotation, tags = [], group, version } of all) {
    if (group !== COMPONENT && version <= NEWEST) (groups[group] ??= []).push([emoji, annotation, tags.join(' ')]);
  }
  return groups.filter(Boolean);
}

export const emoji = {
  name: 'emoji',
  setup(build) {
    build.onResolve({ filter: /^emoji-data\// }, ({ path }) => ({ path: path.slice('emoji-data/'.length), namespace: 'emoji' }));
    build.onLoad({ filter: /.*/, namespace: 'emoji' }, ({ path }) => ({ contents: JSON.stringify(dataOf(path)), loader: 'json' }));
  },
};
