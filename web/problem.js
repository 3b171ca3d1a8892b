// SPDX-License-Identifier: MIT
// What went wrong with a request, and how to say it. The server answers problem documents (RFC 9457)
// in English; the Korean sentences of the common ones stand in texts.js, found by the problem's slug.
import { bytes, t } from './i18n.js';

export class Problem extends Error {
  // status 0: the server was not reached, or its answer did not arrive.
  constructor(status, body = {}, retryAfter = 0) {
    super(body.title ?? `HTTP ${status}`);
    this.status = status;
    this.slug = status === 0 ? 'network' : String(body.type ?? '').replace('/problems/', '');
    this.title = body.title;
    this.detail = body.detail;
    this.fields = body.errors ?? [];
    this.retryAfter = retryAfter * 1000;
  }

  // Whether the same request may well succeed a little later.
  get passing() {
    return [0, 408, 429, 502, 503, 504].includes(this.status);
  }
}

const fieldTexts = [
  [/^is required/, 'fieldRequired'],
  [/^must have (\d+) to (\d+) (?:characters|bytes)/, 'fieldLength'],
  [/^may contain only these characters: (.*)/, 'fieldAllowed'],
  [/^must be one line/, 'fieldLine'],
];

// The server's words about one field, for people.
export function fieldText(message) {
  for (const [pattern, key] of fieldTexts) {
    const [match, from, to] = pattern.exec(message) ?? [];
    if (match) return t(key, { from, to });
  }
  return sentence(message);
}

const limits = [
  [/^a picture may have at most (\d+) bytes/, 'limitPicture'],
  [/^a video may have at most (\d+) bytes/, 'limitVideo'],
  [/^a file may have at most (\d+) bytes/, 'limitFile'],
  [/^all of one person's files may have at most (\d+) bytes/, 'limitPerson'],
  [/^all files in a room may have at most (\d+) bytes/, 'limitRoom'],
];

// How much would have been taken, '' for something else.
function limitText(detail) {
  for (const [pattern, key] of limits) {
    const [match, limit] = pattern.exec(detail ?? '') ?? [];
    if (match) return t(key, { size: bytes(Number(limit)) });
  }
  return '';
}

const sentence = (text) => (/[.!?]$/.test(text) ? text : `${text}.`);

// One or two sentences for people.
export function problemText(problem) {
  if (!(problem instanceof Problem)) return t('problem.unknown');
  const limit = limitText(problem.detail);
  if (limit) return limit;
  const key = `problem.${problem.slug}`;
  const known = t(key);
  if (known !== key) return known;
  if (!problem.title) return t('problem.unknown');
  return problem.detail ? `${sentence(problem.title)} ${sentence(problem.detail)}` : sentence(problem.title);
}

// Shows a problem in a form: beside the fields that it names, the rest in the form's [role=alert].
// null takes everything away.
export function showProblem(form, problem) {
  const alert = form.querySelector('[role=alert]');
  const named = new Set();
  for (const field of problem?.fields ?? []) {
    const place = form.querySelector(`[data-error="${CSS.escape(field.field)}"]`);
    if (!place || place.closest('[hidden]')) continue;
    const empty = form.elements[field.field].value === '';
    place.textContent = fieldText(empty ? 'is required' : field.message);
    named.add(field.field);
  }
  for (const place of form.querySelectorAll('[data-error]')) {
    const bad = named.has(place.dataset.error);
    if (!bad) place.textContent = '';
    form.elements[place.dataset.error].setAttribute('aria-invalid', String(bad));
  }
  alert.textContent = problem && named.size === 0 ? problemText(problem) : '';
  if (named.size > 0) form.elements[[...named][0]].focus();
}
