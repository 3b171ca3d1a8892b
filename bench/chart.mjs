// Charts as SVG, by hand: bars and lines are all that the reports need. Text stays text; colours are
// Okabe and Ito's, which colour-blind people can tell apart, and follow the reader's light or dark scheme.
const LIGHT = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#8c6d00', '#333333'];
const DARK = ['#56b4e9', '#e69f00', '#009e73', '#cc79a7', '#f0e442', '#cccccc'];
const MARKS = ['M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z', 'M-4-4h8v8h-8z', 'M0-5l5 9h-10z', 'M0-6l6 6l-6 6l-6-6z',
  'M-5-4h10l-5 9z', 'M-1.5-5h3v3.5h3.5v3h-3.5v3.5h-3v-3.5h-3.5v-3h3.5z'];
const WIDTH = 760;
const LETTER = 7; // about the width of one, at 13 px

const colours = (list) => list.map((c, i) => `.c${i}{fill:${c};stroke:${c}}`).join('');
const STYLE = `text{font:13px system-ui,sans-serif;fill:#1f2328;stroke:none}.title{font-size:16px;font-weight:600}
.weak{fill:#59636e}.paper{fill:#fff}.grid{stroke:#d1d9e0}${colours(LIGHT)}.line{fill:none;stroke-width:2}
@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.weak{fill:#9198a1}.paper{fill:#0d1117}.grid{stroke:#3d444d}
${colours(DARK)}.line{fill:none}}`;

export const escape = (text) => String(text)
  .replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);

// A number as people read it: three digits that count, thousands apart. What is none is a dash.
export function figure(value) {
  if (typeof value !== 'number' || !Number.isFinite(value)) return '–';
  const digits = value === 0 || Number.isInteger(value) ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.min(digits, 9) });
}

const text = (x, y, value, { anchor = 'start', kind = '' } = {}) =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" class="${kind}">${escape(value)}</text>`;
const gridLine = (x1, y1, x2, y2) =>
  `<path class="grid" d="M${x1.toFixed(1)} ${y1.toFixed(1)}L${x2.toFixed(1)} ${y2.toFixed(1)}"/>`;
const mark = (x, y, i) =>
  `<path class="c${i % LIGHT.length}" transform="translate(${x.toFixed(1)} ${y.toFixed(1)})" d="${MARKS[i % MARKS.length]}"/>`;

// ---- scales ----------------------------------------------------------------------------------------

// Steps of 1, 2 or 5 from 0 to the first that is not below the greatest value.
function linear(most) {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((s) => s * power >= rough * 0.999) * power;
  const count = Math.max(1, Math.ceil(most / step - 1e-9));
  const ticks = Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(6)));
  return { ticks, share: (value) => Math.max(0, value) / ticks.at(-1) };
}

// Whole powers of ten around all values. What is not above 0 has no place: it stands at the foot.
function logarithmic(values) {
  const above = values.filter((v) => v > 0);
  const first = Math.floor(Math.log10(Math.min(...above)) - 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...above)) - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number((10 ** (first + i)).toPrecision(6)));
  return { ticks, share: (value) => value > 0 ? (Math.log10(value) - first) / (last - first) : 0 };
}

// null where there is nothing to show.
function scaleOf({ series, log }) {
  const values = series.flatMap((s) => s.values).filter(Number.isFinite);
  const most = Math.max(...values);
  if (!(most > 0)) return null;
  return log ? logarithmic(values) : linear(most);
}

// ---- parts -----------------------------------------------------------------------------------------

// Lines of names with their marks, from y on; resolves the height by wrapping where the width ends.
function legend(series, y) {
  const parts = [];
  let [x, line] = [16, 0];
  for (const [i, { name }] of series.entries()) {
    const width = 32 + String(name).length * LETTER;
    if (x > 16 && x + width > WIDTH) [x, line] = [16, line + 1];
    parts.push(mark(x + 6, y + line * 20 - 4, i), text(x + 18, y + line * 20, name));
    x += width;
  }
  return { parts, height: (line + 1) * 20 };
}

// One group for each label of x, one bar for each series, the value at its end.
function bars({ x, series, unit, log }, scale, top) {
  const [thick, gap] = [18, 14];
  const left = Math.min(300, 24 + Math.max(...x.map((label) => label.length)) * LETTER);
  const across = WIDTH - left - 90;
  const group = thick * series.length + gap;
  const bottom = top + x.length * group;
  const parts = scale.ticks.flatMap((tick) => {
    const at = left + scale.share(tick) * across;
    return [gridLine(at, top, at, bottom), text(at, bottom + 18, figure(tick), { anchor: 'middle', kind: 'weak' })];
  });
  for (const [k, label] of x.entries()) {
    const y = top + k * group + gap / 2;
    parts.push(text(left - 8, y + series.length * thick / 2 + 4, label, { anchor: 'end' }));
    for (const [i, { values }] of series.entries()) {
      const length = Number.isFinite(values[k]) ? scale.share(values[k]) * across : 0;
      parts.push(`<rect class="c${i % LIGHT.length}" stroke="none" x="${left}" y="${y + i * thick + 1}" width="${length.toFixed(1)}"`
        + ` height="${thick - 2}"/>`, text(left + length + 6, y + i * thick + 14, figure(values[k])));
    }
  }
  parts.push(text(left + across / 2, bottom + 38, axis(unit, log), { anchor: 'middle', kind: 'weak' }));
  return { parts, bottom: bottom + 38 };
}

const axis = (unit, log) => log ? `${unit} (logarithmic)` : unit;

// One line for each series over the labels of x, broken where a value is missing.
function lines({ x, series, unit, log }, scale, top) {
  const [left, height] = [80, 260];
  const across = WIDTH - left - 40;
  const bottom = top + 34 + height;
  const placeX = (k) => left + (x.length === 1 ? 0.5 : k / (x.length - 1)) * (across - 60) + 30;
  const placeY = (value) => bottom - scale.share(value) * height;
  const parts = [text(16, top + 14, axis(unit, log), { kind: 'weak' })];
  for (const tick of scale.ticks)
    parts.push(gridLine(left, placeY(tick), left + across, placeY(tick)),
      text(left - 8, placeY(tick) + 4, figure(tick), { anchor: 'end', kind: 'weak' }));
  for (const [k, label] of x.entries()) parts.push(text(placeX(k), bottom + 20, label, { anchor: 'middle', kind: 'weak' }));
  for (const [i, { values }] of series.entries()) {
    const shown = x.map((_, k) => Number.isFinite(values[k]) && (!log || values[k] > 0));
    const path = x.map((_, k) => !shown[k] ? '' : `${shown[k - 1] ? 'L' : 'M'}${placeX(k).toFixed(1)} ${placeY(values[k]).toFixed(1)}`);
    parts.push(`<path class="c${i % LIGHT.length} line" d="${path.join('') || 'M0 0'}"/>`);
    for (const k of x.keys()) {
      if (shown[k]) parts.push(mark(placeX(k), placeY(values[k]), i));
    }
  }
  return { parts, bottom: bottom + 20 };
}

const labelOf = (label) => typeof label === 'number' ? figure(label) : String(label);

// The SVG of { title, unit, kind: 'bars' | 'lines', log, x: [text or number], series: [{ name, values: [number] }] }.
export function chart({ title, unit = '', kind, log = false, x, series }) {
  const scale = scaleOf({ series, log });
  const names = series.length > 1 ? legend(series, 56) : { parts: [], height: 0 };
  const top = 44 + names.height;
  const { parts, bottom } = scale === null
    ? { parts: [text(16, top + 12, 'nothing was measured', { kind: 'weak' })], bottom: top + 12 }
    : (kind === 'bars' ? bars : lines)({ x: x.map(labelOf), series, unit, log }, scale, top);
  const height = bottom + 16;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${escape(title)}</title>
<style>${STYLE}</style>
<rect class="paper" width="${WIDTH}" height="${height}"/>
${[text(16, 28, title, { kind: 'title' }), ...names.parts, ...parts].join('\n')}
</svg>
`;
}
