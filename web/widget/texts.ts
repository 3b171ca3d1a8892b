// SPDX-License-Identifier: MIT
// What the widget says, in the language of the page around it.
import texts from './texts.json';

type Key = keyof typeof texts.en;

const [wanted] = (document.currentScript?.dataset.lang || document.documentElement.lang || navigator.language).toLowerCase().split('-');
export const language = wanted === 'ko' ? 'ko' : 'en';

export const t = (key: Key, n?: number): string => texts[language][key].replace('{n}', String(n ?? ''));
