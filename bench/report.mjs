// The report of a benchmark: a page of Markdown, with its charts beside it.
//
//   report({ date, machine: machine(), quick, tables, charts, bars }, 'bench/reports');
//
//   tables: [{ title, note, columns: [name], rows: [[cell]] }]    charts: as bench/chart.mjs takes them
//   bars: ['bar hot_room_ratio 0.71 x >=0.60 ok', ...]            quick: smaller loads than usual
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, availableParallelism, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { chart, figure } from './chart.mjs';
import { withSbin } from './load.mjs';

// What a program says about itself; an empty text where it is missing.
function versionOf(program, argument, pattern) {
  const { stdout, stderr } = spawnSync(program, [argument], { encoding: 'utf8', env: withSbin });
  return pattern.exec(`${stdout}${stderr}`)?.[1] ?? '';
}

// What this machine is: figures mean little without it.
export function machine() {
  const cpu = /^model name\s*:\s*(.+)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? arch();
  return {
    cpu, cores: availableParallelism(), memory: `${(totalmem() / 2 ** 30).toFixed(1)} GB`, kernel: `Linux ${release()}`,
    mariadb: versionOf('mariadbd', '--version', /Ver (\S+)/), nginx: versionOf('nginx', '-v', /nginx\/(\S+)/),
    node: process.versions.node,
  };
}

// ---- Markdown --------------------------------------------------------------------------------------

const cellOf = (value) => (typeof value === 'string' ? value : figure(value))
  .replace(/[\\|]/g, '\\$&').replace(/\s*\n\s*/g, ' ').trim();
// Korean and other wide letters take two places.
const widthOf = (word) => [...word].reduce((n, c) => n + (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/.test(c) ? 2 : 1), 0);
const isFigure = (cell) => cell === '–' || /^[-+]?[\d.,]+( ?(%|x|ms|us|s|MB|GB|kB|B))?$/.test(cell);

// A table whose columns stand in line in the source, too; columns of figures to the right. Rows that
// are too short are filled up.
export function table({ columns, rows }) {
  const cells = [columns, ...rows].map((row) => columns.map((_, i) => cellOf(row[i])));
  const right = columns.map((_, i) => rows.length > 0 && cells.slice(1).every((row) => isFigure(row[i])));
  const widths = columns.map((_, i) => Math.max(3, ...cells.map((row) => widthOf(row[i]))));
  const pad = (cell, i) => {
    const blank = ' '.repeat(widths[i] - widthOf(cell));
    return right[i] ? blank + cell : cell + blank;
  };
  const rule = widths.map((n, i) => '-'.repeat(n - 1) + (right[i] ? ':' : '-'));
  const [head, ...body] = cells.map((row) => row.map(pad));
  return [head, rule, ...body].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

const fileName = (word) => String(word).toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '');

function markdown({ date, machine: facts, quick, tables, charts, bars }, files) {
  const judged = bars.map((line) => line.replace(/^bar /, '').split(' '))
    .map(([name, value, ...rest]) => [name, `${value} ${rest.slice(0, -2).join(' ')}`.trim(), ...rest.slice(-2)]);
  return [
    `# Benchmark of ${date}`,
    quick ? 'A quick run, with smaller loads: good for a look, not for comparing.' : '',
    table({ columns: ['machine', ''], rows: Object.entries(facts) }),
    bars.length === 0 ? '' : `## Bars\n\n${table({ columns: ['bar', 'measured', 'limit', ''], rows: judged })}`,
    ...charts.map(({ title }, i) => `![${title.replace(/[[\]\\]/g, '\\$&')}](${encodeURI(files[i])})`),
    ...tables.flatMap((t) => [`## ${t.title}`, t.note ?? '', table(t)]),
  ].filter(Boolean).join('\n\n') + '\n';
}

// Writes DIR/DATE.md and DIR/DATE-N-TITLE.svg; the name of the page. What is absent is left out.
export function report(results, dir) {
  const { date, tables = [], charts = [], bars = [], machine: facts = {}, quick = false } = results;
  const base = fileName(date);
  const files = charts.map(({ title }, i) => `${base}-${i + 1}-${fileName(title)}.svg`);
  mkdirSync(dir, { recursive: true });
  charts.forEach((c, i) => writeFileSync(join(dir, files[i]), chart(c)));
  const page = join(dir, `${base}.md`);
  writeFileSync(page, markdown({ date, machine: facts, quick, tables, charts, bars }, files));
  return page;
}
