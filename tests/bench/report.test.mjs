// The report of the benchmarks must stay readable whatever was measured, or was not.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import test, { after } from 'node:test';
import { chart, figure } from '../../bench/chart.mjs';
import { machine, report, table } from '../../bench/report.mjs';

const dir = mkdtempSync(join(tmpdir(), 'maru-test.'));
after(() => rmSync(dir, { recursive: true, force: true }));

test('figures have three digits that count; what is no number is a dash', () => {
  const shown = [0, 3, 0.71, 12.345, 1234.5, 10000000, 0.000123, -2.5, NaN, Infinity, undefined, null].map(figure);
  assert.deepEqual(shown, ['0', '3', '0.71', '12.3', '1,235', '10,000,000', '0.000123', '-2.5', '–', '–', '–', '–']);
});

test('a table keeps its columns: pipes, line ends, wide letters, missing cells', () => {
  const text = table({ columns: ['what', 'ms'], rows: [['a|b\\', 1.5], ['한국\nc', NaN], ['short'], ['long', 2, 'too long']] });
  assert.equal(text, [
    '| what   |  ms |',
    '| ------ | --: |',
    '| a\\|b\\\\ | 1.5 |',
    '| 한국 c |   – |',
    '| short  |   – |',
    '| long   |   2 |'].join('\n'));
  assert.equal(table({ columns: ['a', 'b'], rows: [] }), '| a   | b   |\n| --- | --- |');
});

// Every element that is opened is closed, and no number went wrong.
function assertSound(svg) {
  const open = [];
  for (const [, end, name, empty] of svg.matchAll(/<(\/?)(\w+)[^<>]*?(\/?)>/g)) {
    if (end) assert.equal(open.pop(), name);
    else if (!empty) open.push(name);
  }
  assert.deepEqual(open, []);
  assert.doesNotMatch(svg, /NaN|Infinity|undefined|null/);
  return svg;
}

for (const kind of ['bars', 'lines']) {
  for (const log of [false, true]) {
    const draw = (x, series, more = {}) => assertSound(chart({ title: 'T', unit: 'ms', kind, log, x, series, ...more }));

    test(`${kind}${log ? ', logarithmic' : ''}: values that are missing, zero or no numbers`, () => {
      draw(['a', 'b', 'c', 'd'], [{ name: 'one', values: [1, NaN, 0, Infinity] }, { name: 'two', values: [1000, null] }]);
      draw(['a'], [{ name: 'one', values: [0.001] }]);
      draw([100, 1000], Array.from({ length: 9 }, (_, i) => ({ name: `a rather long name, ${i}`, values: [i, i + 1] })));
    });

    test(`${kind}${log ? ', logarithmic' : ''}: nothing at all`, () => {
      for (const [x, series] of [[[], []], [['a'], []], [['a'], [{ name: 'one', values: [] }]], [['a'], [{ name: 'one', values: [0] }]]])
        assert.match(draw(x, series), /nothing was measured/);
    });

    test(`${kind}${log ? ', logarithmic' : ''}: text is text`, () => {
      const svg = draw(['<a> & "b"'], [{ name: '</svg>', values: [1] }, { name: 'two', values: [2] }], { title: '1 < 2', unit: '&' });
      assert.match(svg, /<title>1 &lt; 2<\/title>/);
      assert.match(svg, /&lt;a&gt; &amp; &quot;b&quot;/);
    });
  }
}

test('bars are as long as their values, and say them', () => {
  const svg = chart({ title: 'T', kind: 'bars', x: ['a', 'b'], series: [{ name: 'one', values: [2, 4] }] });
  const [short, long] = [...svg.matchAll(/<rect class="c0".* width="([\d.]+)"/g)].map(([, width]) => Number(width));
  assert.ok(Math.abs(long / short - 2) < 0.01);
  assert.match(svg, />2</);
  assert.match(svg, />4</);
});

test('a page names its charts, and everything that was given is in it', () => {
  const page = report({
    date: '2026-01-02 03:04', machine: machine(), quick: true,
    tables: [{ title: 'History', note: 'A note.', columns: ['room', 'p99 ms'], rows: [['10,000', 1.25]] }],
    charts: [{ title: 'p99 / size (ms)', unit: 'ms', kind: 'lines', x: ['10,000'], series: [{ name: 'last', values: [1] }] }],
    bars: ['bar history_ratio 1.02 x <=1.3 ok', 'bar lost 2 messages of all <=0 short'],
  }, dir);
  const text = readFileSync(page, 'utf8');
  assert.equal(basename(page), '2026-01-02-03-04.md');
  const [, file] = /!\[p99 \/ size \(ms\)\]\(([^)]+)\)/.exec(text);
  assertSound(readFileSync(join(dir, file), 'utf8'));
  for (const part of [/quick run/, /## History\n\nA note\.\n\n\| +room/, /\| history_ratio \| 1\.02 x +\| <=1\.3 \| ok +\|/,
    /\| lost +\| 2 messages of all \| <=0 +\| short \|/, /\| cores +\| \d+/, new RegExp(`\\| node +\\| ${process.versions.node} `)])
    assert.match(text, part);
});

test('a page of nothing is a page', () => {
  assert.equal(readFileSync(report({ date: 'today' }, dir), 'utf8'), '# Benchmark of today\n\n| machine |     |\n| ------- | --- |\n');
});
