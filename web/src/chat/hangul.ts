// SPDX-License-Identifier: MIT
// Korean names as they are typed: letter by letter, so that "볼" on its way to "보라" finds it, and by initials.
const INITIALS = [...'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ'];
// As the keys are pressed: a compound is two of them.
const VOWELS = 'ㅏ ㅐ ㅑ ㅒ ㅓ ㅔ ㅕ ㅖ ㅗ ㅗㅏ ㅗㅐ ㅗㅣ ㅛ ㅜ ㅜㅓ ㅜㅔ ㅜㅣ ㅠ ㅡ ㅡㅣ ㅣ'.split(' ');
const FINALS = ' ㄱ ㄲ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ ㅁ ㅂ ㅂㅅ ㅅ ㅆ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ'.split(' ');
const PAIRS: Record<string, string> = { ㄳ: 'ㄱㅅ', ㄵ: 'ㄴㅈ', ㄶ: 'ㄴㅎ', ㄺ: 'ㄹㄱ', ㄻ: 'ㄹㅁ', ㄼ: 'ㄹㅂ', ㄽ: 'ㄹㅅ', ㄾ: 'ㄹㅌ', ㄿ: 'ㄹㅍ', ㅀ: 'ㄹㅎ', ㅄ: 'ㅂㅅ' };

const syllable = (character: string): number => {
  const n = character.charCodeAt(0) - 0xac00;
  return n >= 0 && n < 11172 ? n : -1;
};

/** The keys of a text: 보라 is ㅂㅗㄹㅏ; other scripts in small letters. */
export function keys(text: string): string {
  let out = '';
  for (const character of text.normalize('NFC').toLowerCase()) {
    const n = syllable(character);
    if (n < 0) out += PAIRS[character] ?? character;
    else out += INITIALS[Math.floor(n / 588)]! + VOWELS[Math.floor(n % 588 / 28)]! + FINALS[n % 28]!;
  }
  return out;
}

/** The first letter of each syllable: 보라 is ㅂㄹ. */
export function initials(text: string): string {
  return [...text.normalize('NFC')].map((character) => {
    const n = syllable(character);
    return n < 0 ? character.toLowerCase() : INITIALS[Math.floor(n / 588)]!;
  }).join('');
}

/** How well a name begins with what was typed: 0 best, -1 not at all. */
export function fit(query: string, name: string): number {
  const typed = keys(query);
  const whole = keys(name);
  if (whole.startsWith(typed)) return 0;
  if (/^[ㄱ-ㅎ]+$/.test(query) && initials(name).startsWith(typed)) return 1;
  return whole.includes(typed) ? 2 : -1;
}
