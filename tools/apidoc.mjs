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
const schemaOf = (ref) => (live.components.schemas[nameOf(ref)] && !ref.startsWith('.') ? live : rest).components.schemas[nameOf(ref)];
// RoomFields is what Room and the events about rooms have in common; readers know it as Room.
const shownName = (name) => (rest.components.schemas[name.replace(/Fields$/, '')] ? name.replace(/Fields$/, '') : name);

// A type in one line: a link to a named one, or what it is.
function typeOf(schema = {}) {
  if (schema.$ref) {
    const name = shownName(nameOf(schema.$ref));
    return rest.components.schemas[name] ? `<a href="index.html#${name}">${name}</a>` : typeOf(schemaOf(schema.$ref));
  }
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum) return schema.enum.map((one) => code(one)).join(' | ');
  if (schema.oneOf ?? schema.anyOf) return (schema.oneOf ?? schema.anyOf).map(typeOf).join(' or ');
  if (schema.type === 'array') return `list of ${typeOf(schema.items)}`;
  if (schema.type === 'object' && schema.properties) return `{ ${Object.entries(schema.properties).map(([name, field]) => `${code(name)}: ${typeOf(field)}`).join(', ')} }`;
  if (schema.type === 'object' && typeof schema.additionalProperties === 'object') return `object of ${typeOf(schema.additionalProperties)}`;
  return escape([schema.type ?? 'any'].flat().join(' or '));
}

function limitsOf(schema) {
  const says = [];
  if (schema.minLength !== undefined || schema.maxLength !== undefined) says.push(`${schema.minLength ?? 0} to ${schema.maxLength ?? 'any number of'} characters`);
  if (schema.maximum !== undefined) says.push(`${schema.minimum ?? 'any'} to ${schema.maximum}`);
  else if (schema.minimum !== undefined) says.push(`from ${schema.minimum}`);
  if (schema.maxItems !== undefined) says.push(`at most ${schema.maxItems}`);
  if (schema.uniqueItems) says.push('all different');
  if (schema.pattern && !schema.format) says.push(code(schema.pattern));
  if (schema.default !== undefined) says.push(`default ${code(schema.default)}`);
  return says.length > 0 ? ` <small>${says.join(', ')}</small>` : '';
}

// The fields of an object, those of its parts (allOf) first.
function fieldsOf(schema) {
  if (schema.$ref) return fieldsOf(schemaOf(schema.$ref));
  const own = Object.entries(schema.properties ?? {}).map(([name, field]) => ({ name, field, required: schema.required?.includes(name) }));
  return [...(schema.allOf ?? []).flatMap(fieldsOf), ...own];
}

const row = (head, required, ...says) => `<tr><td>${head}${required ? '' : ' <small>optional</small>'}</td><td>${says.filter(Boolean).join('<br>')}</td></tr>`;
const table = (rows) => (rows.length === 0 ? '' : `<table>${rows.join('\n')}</table>`);
const fieldTable = (schema) => table(fieldsOf(schema).map(({ name, field, required }) => row(code(name), required, typeOf(field) + limitsOf(field), prose(field.description))));

function schemaSection(name) {
  const schema = rest.components.schemas[name];
  return `<section id="${name}"><h3>${name}</h3><p>${prose(schema.description)}</p>
${fieldTable(schema) || `<p>${typeOf(schema)}${limitsOf(schema)}</p>`}</section>`;
}

// ---- REST

const operations = Object.entries(rest.paths).flatMap(([path, item]) => Object.entries(item)
  .filter(([, operation]) => operation.operationId).map(([method, operation]) => ({ method, path, item, operation })));
const problems = [...read('shared/err.def').matchAll(/^ERR\(\w+, (\d+), "([^"]+)", "([^"]+)"\)/gm)].map(([, status, slug, title]) => ({ status, slug, title }));

const resolve = (thing) => (thing.$ref ? thing.$ref.slice(2).split('/').reduce((at, key) => at[key], rest) : thing);
const eventLink = (name) => `<a href="events.html#${name}">${name}</a>`;
const operationLink = ({ operation }) => `<a href="index.html#${operation.operationId}">${operation.operationId}</a>`;

function parametersOf(item, operation) {
  return table([...(item.parameters ?? []), ...(operation.parameters ?? [])].map(resolve)
    .map(({ name, in: place, required, schema, description }) => row(code(place === 'path' ? `{${name}}` : `?${name}=`), required, typeOf(schema) + limitsOf(schema), prose(description))));
}

function bodyOf(operation) {
  const { content, required } = resolve(operation.requestBody ?? {});
  if (!content) return '';
  const [{ schema }] = Object.values(content);
  const fields = fieldTable(schema);
  return `<h4>Body${required ? '' : ' <small>optional</small>'}${Object.keys(content).length > 1 ? ` <small>as ${Object.keys(content).map(code).join(' or ')}</small>` : ''}</h4>
${fields || `<p>${prose(schemaOf(schema.$ref).description)}</p>`}`;
}

function responsesOf(operation) {
  const own = (operation['x-problems'] ?? []).map((slug) => problems.find((one) => one.slug === slug));
  return `<h4>Answers</h4>${table(Object.entries(operation.responses).filter(([status]) => status !== 'default').map(([status, response]) => {
    const { description, content = {} } = resolve(response);
    const types = Object.entries(content).map(([type, { schema }]) => (type.endsWith('json') ? typeOf(schema) : code(type)));
    const slugs = own.filter((one) => one.status === status).map(({ slug, title }) => `<a href="errors.html#${slug}">${slug}</a> <small>${escape(title)}</small>`);
    if (slugs.length > 0) return row(code(status), true, ...slugs);
    return row(code(status), true, status < 400 && types.length > 0 ? types.join(' or ') : prose(description));
  }))}`;
}

function followsOf(operation) {
  const names = [...(operation['x-events'] ?? []), ...(operation['x-signals'] ?? [])];
  return names.length === 0 ? '' : `<p>Events: ${names.map(eventLink).join(', ')}</p>`;
}

// A link to what is in a closed <details> opens it, one to itself would not.
function operationSection({ method, path, item, operation }) {
  return `<details><summary><b>${method.toUpperCase()}</b> ${code(path)} <span>${escape(operation.summary)}</span></summary>
<div id="${operation.operationId}">
${operation.description ? `<p>${prose(operation.description)}</p>` : ''}
${operation.security?.length === 0 ? '<p>Without a login, too.</p>' : ''}
${parametersOf(item, operation)}
${bodyOf(operation)}
${responsesOf(operation)}
${followsOf(operation)}
</div></details>`;
}

// The names that a schema leads to, itself first.
function reach(schema, found = new Set()) {
  JSON.stringify(schema, (key, value) => {
    const name = key === '$ref' ? shownName(nameOf(value)) : '';
    if (name && !found.has(name)) {
      found.add(name);
      reach(rest.components.schemas[name], found);
      if (name !== nameOf(value)) reach(schemaOf(value), found);
    }
    return value;
  });
  return found;
}

// Where each schema is shown: below the first resource that answers it, what is not an object at the end. Bodies
// stand in their operations.
function placeSchemas() {
  const places = new Map();
  for (const { name } of rest.tags) {
    for (const { operation } of operations.filter((one) => one.operation.tags[0] === name)) {
      for (const response of Object.values(operation.responses).map(resolve)) {
        for (const schema of reach(response.content ?? {})) if (!places.has(schema)) places.set(schema, fieldsOf(rest.components.schemas[schema]).length > 0 && schema !== 'Problem' ? name : '');
      }
    }
  }
  for (const { operation } of operations) for (const schema of reach(resolve(operation.requestBody ?? {}))) if (!places.has(schema) && fieldsOf(rest.components.schemas[schema]).length === 0) places.set(schema, '');
  return places;
}

function restPage() {
  const places = placeSchemas();
  const at = (tag) => [...places].filter(([, place]) => place === tag).map(([name]) => schemaSection(name)).join('\n');
  const sections = rest.tags.map(({ name, description }) => `<section id="tag-${name}"><h2>${escape(name)}</h2><p>${prose(description)}</p>
${operations.filter(({ operation }) => operation.tags.includes(name)).map(operationSection).join('\n')}
${at(name) && `<details class="types"><summary>Types: ${[...places].filter(([, place]) => place === name).map(([schema]) => schema).join(', ')}</summary>
${at(name)}</details>`}</section>`);
  return page('index.html', 'Maru: the REST API', `<p>${prose(rest.info.description)}</p>
<nav>${rest.tags.map(({ name }) => `<a href="#tag-${name}">${name}</a>`).join(' ')} <a href="#types">types</a></nav>
${sections.join('\n')}
<section id="types"><h2>Types</h2>
${at('')}</section>`);
}

// ---- events and errors

// What REST answers, with the place in the stream; or a table.
function dataOf(schema) {
  const thing = (schema.allOf ?? []).filter(({ $ref }) => $ref.startsWith('.'));
  if (schema.anyOf) return `<p>${typeOf(schema)}</p>`;
  return thing.length > 0 ? `<p>${typeOf(thing[0])}, ${code('seq')} and ${code('mid')}</p>` : fieldTable(schema);
}

function eventSection(name, id) {
  const { title, payload, 'x-signal': signal } = live.components.messages[name];
  const schema = schemaOf(payload.$ref);
  const after = operations.filter(({ operation }) => [...(operation['x-events'] ?? []), ...(operation['x-signals'] ?? [])].includes(name));
  return `<details><summary><b>${name}</b> <span>${escape(title)}</span></summary>
<div${id ? ` id="${name}"` : ''}><p>${prose(schema.description)}</p>
${dataOf(schema)}
<p>${signal ? 'Not durable. ' : ''}After ${after.map(operationLink).join(', ')}</p>
</div></details>`;
}

function eventsPage() {
  const known = new Set();
  const isFirst = (name) => !known.has(name) && known.add(name);
  const channels = Object.values(live.channels).map(({ address, description, messages }) => `<section><h2>${code(address)}</h2><p>${prose(description)}</p>
${Object.keys(messages).map((name) => eventSection(name, isFirst(name))).join('\n')}</section>`);
  return page('events.html', 'Maru: what happens live', `<p>${prose(live.info.description)}</p>
${channels.join('\n')}`);
}

function errorsPage() {
  const rows = problems.map(({ status, slug, title }) => {
    const from = operations.filter(({ operation }) => operation['x-problems']?.includes(slug));
    return `<tr id="${slug}"><td>${code(status)} ${code(slug)}</td><td>${escape(title)}${from.length > 0 && from.length <= 12 ? `<br><small>${from.map(operationLink).join(', ')}</small>` : ''}</td></tr>`;
  });
  return page('errors.html', 'Maru: errors', `<p>Every error is a problem document (RFC 9457). ${code('type')} is ${code('/problems/')} and one of these words, and never changes its meaning; ${code('title')} is its
sentence in English, ${code('detail')} says more of this one time, ${code('errors')} which fields are wrong, ${code('request_id')} what to look for in the log.</p>
${table(rows)}`);
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
