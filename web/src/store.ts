// SPDX-License-Identifier: MIT
// What the page remembers from one visit to the next. Never put a token here: those live in cookies
// that no script can read.
import { LocalStore } from 'maru-client';

export const store = new LocalStore();
