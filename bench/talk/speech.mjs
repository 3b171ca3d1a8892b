// What people say, made up: half of it Korean, a third English, the rest Japanese, Chinese and pictures. Words are as
// unevenly frequent as in a language (Zipf), so that some occur in every third message and most in a handful.

// A small generator of our own, so that each run says the same (mulberry32).
export function dice(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n) => Math.floor(next() * n);
  // Small numbers are frequent: the share of i is about 1 / (i + 1).
  const zipf = (n) => Math.min(n - 1, Math.floor(Math.exp(next() * Math.log(n + 1))) - 1);
  return { next, below, zipf, pick: (list) => list[below(list.length)] };
}

const range = (first, last) => Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i));
const KANA = range(0x3041, 0x3093);
const HAN = range(0x4e00, 0x5a00);
const CONSONANTS = [...'tnshrdlcmwfgypbvk'];
const VOWELS = [...'eaoiu'];

// Of 11,172 syllables some 1,500 are in use.
const SYLLABLES = Array.from({ length: 1500 }, (_, i) => String.fromCodePoint(0xac00 + ((i * 2654435761) % 399) * 28 + [0, 4, 8, 16, 1, 21, 17][i % 7]));

function vocabulary(random, size, make) {
  const words = new Set();
  while (words.size < size) words.add(make(random));
  return [...words];
}

const korean = (random) => Array.from({ length: 1 + random.below(4) }, () => SYLLABLES[random.zipf(SYLLABLES.length)]).join('');
const english = (random) => Array.from({ length: 1 + random.below(4) },
  () => CONSONANTS[random.zipf(CONSONANTS.length)] + VOWELS[random.zipf(VOWELS.length)] + (random.below(3) ? '' : random.pick(CONSONANTS))).join('');
const japanese = (random) => Array.from({ length: 2 + random.below(4) }, () => random.below(3) ? random.pick(KANA) : HAN[random.zipf(HAN.length)]).join('');
const chinese = (random) => Array.from({ length: 2 + random.below(4) }, () => HAN[random.zipf(HAN.length)]).join('');

export function speaker(seed) {
  const random = dice(seed);
  const scripts = [
    { share: 50, words: vocabulary(random, 30000, korean), blank: ' ', length: 10 },
    { share: 33, words: vocabulary(random, 20000, english), blank: ' ', length: 9 },
    { share: 9, words: vocabulary(random, 10000, japanese), blank: '', length: 6 },
    { share: 8, words: vocabulary(random, 10000, chinese), blank: '', length: 6 },
  ];
  const script = () => {
    let at = random.below(100);
    return scripts.find(({ share }) => (at -= share) < 0);
  };
  const word = (s = script()) => s.words[random.zipf(s.words.length)];
  const tail = () => ['', '', '', '', '!', '?', 'ㅋㅋㅋ', 'ㅠㅠ', '.', ' 😀', ' https://example.org/a'][random.below(11)];
  const sentence = () => {
    const s = script();
    const said = Array.from({ length: 1 + random.below(2 * s.length) }, () => word(s)).join(s.blank);
    return (random.below(40) ? said : said.toUpperCase()) + tail();
  };
  return { random, word, sentence, scripts };
}
