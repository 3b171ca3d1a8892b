// SPDX-License-Identifier: MIT
// A chat for any page of the same site:
//
//   <script src="/widget.js" data-room="5" defer></script>
//
// data-open: it is open at first. data-lang: ko or en, else that of the page. data-into: a selector of the
// element that it fills; left out, it is a button in the corner. data-key: app_key of maru.conf. Everything is in a shadow root, so that neither
// page nor widget changes how the other looks; no frame.
import { render } from 'preact';
import css from './widget.css';
import { language } from './texts';
import { Widget } from './widget';

const script = document.currentScript as HTMLScriptElement;

function start(): void {
  const { room, open, into } = script.dataset;
  const place = into ? document.querySelector(into) : document.body;
  if (!place || !Number(room)) {
    console.error(`maru: ${place ? 'data-room is to be the number of a room' : `there is no ${into}`}`);
    return;
  }
  const host = document.createElement('maru-chat');
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  const inside = document.createElement('div');
  inside.lang = language;
  root.append(inside);
  place.append(host);
  render(<Widget room={Number(room)} isOpen={open !== undefined || into !== undefined} isCorner={into === undefined} page={new URL('.', script.src).href} />, inside);
}

if (document.readyState === 'loading') addEventListener('DOMContentLoaded', start);
else start();
