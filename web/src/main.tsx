// SPDX-License-Identifier: MIT
// The page starts here: with the rooms if somebody is logged in, as far as this device knows, else with
// the login form. A reload shows no login form in between.
import { render } from 'preact';
import { App } from './app';
import { language, speak } from './i18n';
import { startOver } from './session';

const root = document.getElementById('root')!;

// Another window logs in or out.
const idIn = (value: string | null): number | undefined => JSON.parse(value ?? 'null')?.id;
addEventListener('storage', ({ key, oldValue, newValue }) => {
  if (key === 'maru.me' && idIn(oldValue) !== idIn(newValue)) startOver();
});

await speak(language.value);
render(<App />, root);

// Not before the page is there: what the worker keeps must not hold up the first visit.
const keep = () => { navigator.serviceWorker?.register('offline.js').catch(() => {}); };
if (document.readyState === 'complete') keep();
else addEventListener('load', keep);
