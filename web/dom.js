// SPDX-License-Identifier: MIT
// The few DOM helpers that the page needs. Text enters the page as text nodes only; markup comes from
// index.html and from el(), never from a string.
const SVG = 'http://www.w3.org/2000/svg';

export const byId = (id) => document.getElementById(id);

// el('li', { class: 'room', onclick: f, 'aria-current': 'true' }, 'text', node, ...)
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, '');
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

// A symbol of the sprite in index.html; decoration, so hidden from screen readers.
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  const use = document.createElementNS(SVG, 'use');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
}

// Runs a handler of a form without reloading the page, and not twice at a time.
export function onSubmit(form, handler) {
  let busy = false;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    form.setAttribute('aria-busy', 'true');
    try {
      await handler();
    } finally {
      busy = false;
      form.removeAttribute('aria-busy');
    }
  });
}
