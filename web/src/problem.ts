// SPDX-License-Identifier: MIT
// How to say what went wrong with a request. The server answers problem documents (RFC 9457) in English;
// the Korean sentences of the common ones stand among the texts, found by the problem's slug.
import { Problem } from 'maru-client';
import { bytes, hasText, t, type TextKey } from './i18n';

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

const fieldTexts: [RegExp, TextKey][] = [
  [/^is required/, 'fieldRequired'],
  [/^must have (\d+) to (\d+) (?:characters|bytes)/, 'fieldLength'],
  [/^may contain only these characters: (.*)/, 'fieldAllowed'],
  [/^must be one line/, 'fieldLine'],
  [/^must be after started_at/, 'sessionBackwards'],
  [/^must be within a day of started_at/, 'sessionTooLong'],
  [/^must not be to come/, 'sessionToCome'],
  [/^overlaps what is there/, 'sessionOverlaps'],
];

/** The server's words about one field, for people. */
export function fieldText(message: string): string {
  for (const [pattern, key] of fieldTexts) {
    const [match, from = '', to = ''] = pattern.exec(message) ?? [];
    if (match) return t(key, { from, to });
  }
  return sentence(message);
}

const limits: [RegExp, TextKey][] = [
  [/^a picture may have at most (\d+) bytes/, 'limitPicture'],
  [/^a video may have at most (\d+) bytes/, 'limitVideo'],
  [/^a file may have at most (\d+) bytes/, 'limitFile'],
  [/^all of one person's files may have at most (\d+) bytes/, 'limitPerson'],
  [/^all files in a room may have at most (\d+) bytes/, 'limitRoom'],
];

// How much would have been taken, '' for something else.
function limitText(detail = ''): string {
  for (const [pattern, key] of limits) {
    const [match, limit] = pattern.exec(detail) ?? [];
    if (match) return t(key, { size: bytes(Number(limit)) });
  }
  return '';
}

/** One or two sentences for people. */
export function problemText(problem: unknown): string {
  if (!(problem instanceof Problem)) return t('problem.unknown');
  const limit = limitText(problem.detail);
  if (limit) return limit;
  const key = `problem.${problem.slug}`;
  if (hasText(key)) return t(key);
  if (!problem.body.title) return t('problem.unknown');
  return problem.detail ? `${sentence(problem.message)} ${sentence(problem.detail)}` : sentence(problem.message);
}
