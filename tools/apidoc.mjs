// Makes web/docs/*.html, the pages at /docs, from web/docs/openapi.yaml, web/docs/asyncapi.yaml and shared/err.def:
//
//   node tools/apidoc.mjs           // `make docs`
//   node tools/apidoc.mjs --check   // 1 if a page is old
//
// They are plain pages without a script, which nginx serves as they are.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { parse } = createRequire(join(root, 'tests/package.json'))('yaml');
const read = (name) => readFileSync(join(root, name), 'utf8');

const rest = parse(read('web/docs/openapi.yaml'));
const live = parse(read('web/docs/asyncapi.yaml'));

// ---- HTML

const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);
const code = (text) => `<code>${escape(text)}</code>`;
// Texts have `code` and paragraphs, nothing else.
const prose = (text = '') => escape(text).trim().split(/\n\s*\n/).map((part) => part.replace(/`([^`]+)`/g, '<code>$1</code>')).join('</p><p>');

const PAGES = { 'index.html': 'REST', 'events.html': 'Events', 'errors.html': 'Errors' };

function page(name, title, body) {
  const links = Object.entries(PAGES).map(([file, text]) => `<a href="${file}"${file === name ? ' aria-current="page"' : ''}>${text}</a>`);
  return `<!doctype html>
<html lang="en">
<!-- Made by tools/apidoc.mjs; make docs. -->
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escape(title)}</title>
<link rel="icon" href="../favicon.svg">
<link rel="stylesheet" href="docs.css">
<header><nav>${links.join(' ')} <a href="openapi.yaml">openapi.yaml</a> <a href="asyncapi.yaml">asyncapi.yaml</a></nav></header>
<main>
<h1>${escape(title)}</h1>
${body}
</main>
</html>
`;
}

// ---- schemas

const nameOf = (ref) => ref.split('/').pop();

// A type in one line: a link to a named one, or what it is.
function typeOf(schema = {}, file = '') {
  if (schema.$ref) return `<a href="${schema.$ref.startsWith('.') ? 'index.html' : file}#${nameOf(schema.$ref)}">${nameOf(schema.$ref)}</a>`;
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum) return schema.enum.map((one) => code(one)).join(' | ');
  if (schema.oneOf) return schema.oneOf.map((one) => typeOf(one, file)).join(' or ');
  if (schema.type === 'array') return `list of ${typeOf(schema.items, file)}`;
  if (schema.type === 'object' && schema.properties) return `{ ${Object.keys(schema.properties).map(escape).join(', ')} }`;
  return escape([schema.type ?? 'any'].flat().join(' or '));
}

function limitsOf(schema) {
  const says = [];
  if (schema.minLength !== undefined || schema.maxLength !== undefined) says.push(`${schema.minLength ?? 0} to ${schema.maxLength ?? 'any number of'} characters`);
  if (schema.minimum !== undefined || schema.maximum !== undefined) says.push(`${schema.minimum ?? 'any'} to ${schema.maximum ?? 'any'}`);
  if (schema.maxItems !== undefined) says.push(`at most ${schema.maxItems}`);
  if (schema.pattern && !schema.format) says.push(code(schema.pattern));
  if (schema.default !== undefined) says.push(`default ${code(schema.default)}`);
  return says.map((text) => ` <small>${text}</small>`).join('');
}

// The fields of an object, those of its parts (allOf) first.
function fieldsOf(schema, schemas) {
  const parts = (schema.allOf ?? []).flatMap((part) => fieldsOf(part.$ref ? lookUp(part.$ref) : part, schemas));
  const own = Object.entries(schema.properties ?? {}).map(([name, field]) => ({ name, field, required: schema.required?.includes(name) }));
  return [...parts, ...own];
}

function lookUp(ref) {
  return (ref.startsWith('.') || !live.components.schemas[nameOf(ref)] ? rest : live).components.schemas[nameOf(ref)];
}

function fieldRows(schema, file) {
  return fieldsOf(schema).map(({ name, field, required }) => `<tr><td>${code(name)}${required ? '' : ' <small>may be missing</small>'}</td>`
    + `<td>${typeOf(field, file)}${limitsOf(field)}</td><td>${prose(field.description)}</td></tr>`).join('\n');
}

function schemaSection(name, schema, file) {
  const rows = fieldRows(schema, file);
  return `<section id="${name}"><h3>${name}</h3><p>${prose(schema.description)}</p>`
    + `${rows ? `<table>${rows}</table>` : `<p>${typeOf(schema, file)}${limitsOf(schema)}</p>`}</section>`;
}

// ---- REST

const resolve = (thing) => (thing.$ref ? thing.$ref.slice(2).split('/').reduce((at, key) => at[key], rest) : thing);

function parametersOf(item, operation) {
  const all = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map(resolve);
  if (all.length === 0) return '';
  return `<table>${all.map(({ name, in: place, required, schema, description }) => `<tr><td>${code(place === 'path' ? `{${name}}` : `?${name}=`)}`
    + `${required ? '' : ' <small>may be missing</small>'}</td><td>${typeOf(schema)}${limitsOf(schema)}</td><td>${prose(description)}</td></tr>`).join('\n')}</table>`;
}

function responsesOf(operation) {
  return `<table>${Object.entries(operation.responses).filter(([status]) => status !== 'default').map(([status, response]) => {
    const { description, content = {} } = resolve(response);
    const types = Object.entries(content).map(([type, { schema }]) => (type.endsWith('json') ? typeOf(schema) : code(type)));
    return `<tr><td>${code(status)}</td><td>${types.join(' or ')}</td><td>${types.some((text) => text.includes(`>${description}<`)) ? '' : prose(description)}</td></tr>`;
  }).join('\n')}</table>`;
}

function operationSection(method, path, item, operation) {
  const body = resolve(operation.requestBody ?? {}).content;
  return `<details id="${operation.operationId}"><summary><b>${method.toUpperCase()}</b> ${code(path)} <span>${escape(operation.summary)}</span></summary>
${operation.description ? `<p>${prose(operation.description)}</p>` : ''}
${parametersOf(item, operation)}
${body ? `<p>Body: ${Object.entries(body).map(([type, { schema }]) => `${typeOf(schema)} as ${code(type)}`).join(', or ')}</p>` : ''}
${responsesOf(operation)}
</details>`;
}

function restPage() {
  const operations = Object.entries(rest.paths).flatMap(([path, item]) => Object.entries(item)
    .filter(([, operation]) => operation.operationId).map(([method, operation]) => ({ method, path, item, operation })));
  const sections = rest.tags.map(({ name, description }) => `<section id="tag-${name}"><h2>${escape(name)}</h2><p>${prose(description)}</p>
${operations.filter(({ operation }) => operation.tags.includes(name)).map((one) => operationSection(one.method, one.path, one.item, one.operation)).join('\n')}</section>`);
  const schemas = Object.entries(rest.components.schemas).map(([name, schema]) => schemaSection(name, schema, ''));
  return page('index.html', 'Maru: the REST API', `<p>${prose(rest.info.description)}</p>
<nav>${rest.tags.map(({ name }) => `<a href="#tag-${name}">${name}</a>`).join(' ')} <a href="#types">types</a></nav>
${sections.join('\n')}
<section id="types"><h2>Types</h2>
${schemas.join('\n')}</section>`);
}

// ---- events and errors

function eventsPage() {
  const channels = Object.values(live.channels).map(({ address, description, messages }) => `<section><h2>${code(address)}</h2><p>${prose(description)}</p>
<table>${Object.keys(messages).map((name) => {
    const { title, payload } = live.components.messages[name];
    return `<tr><td>${code(name)}</td><td>${typeOf(payload, 'events.html')}</td><td>${prose(title)}</td></tr>`;
  }).join('\n')}</table></section>`);
  const schemas = Object.entries(live.components.schemas).map(([name, schema]) => schemaSection(name, schema, 'events.html'));
  return page('events.html', 'Maru: what happens live', `<p>${prose(live.info.description)}</p>
${channels.join('\n')}
<section><h2>Types</h2>
${schemas.join('\n')}</section>`);
}

function errorsPage() {
  const errors = [...read('shared/err.def').matchAll(/^ERR\(\w+, (\d+), "([^"]+)", "([^"]+)"\)/gm)];
  const rows = errors.map(([, status, slug, title]) => `<tr id="${slug}"><td>${code(status)}</td><td>${code(`/problems/${slug}`)}</td><td>${escape(title)}</td></tr>`);
  return page('errors.html', 'Maru: errors', `<p>Every error is a problem document (RFC 9457). ${code('type')} is one of these and never changes its meaning, ${code('title')} is its
sentence in English, ${code('detail')} says more of this one time, ${code('errors')} which fields are wrong, ${code('request_id')} what to look for in the log.</p>
<table>${rows.join('\n')}</table>`);
}

// ---- all of it

const pages = { 'index.html': restPage(), 'events.html': eventsPage(), 'errors.html': errorsPage() };
let old = 0;
for (const [name, text] of Object.entries(pages)) {
  const path = join('web/docs', name);
  if (!process.argv.includes('--check')) {
    writeFileSync(join(root, path), text);
  } else if (read(path) !== text) {
    console.log(`${path} is old; run: make docs`);
    old = 1;
  }
}
process.exit(old);
