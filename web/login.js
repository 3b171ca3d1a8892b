// SPDX-License-Identifier: MIT
// The form for logging in and for creating an account; the same form, one field more or less.
import { logIn, signUp } from './api.js';
import { byId, onSubmit } from './dom.js';
import { onLanguage, t } from './i18n.js';
import { showProblem } from './problem.js';

const form = byId('login-form');
const { name, nickname, password } = form.elements;
let joining = false;

function draw() {
  byId('login-heading').textContent = t(joining ? 'signUp' : 'logIn');
  byId('login-submit').textContent = t(joining ? 'signUp' : 'logIn');
  byId('login-switch').textContent = t(joining ? 'toLogIn' : 'toSignUp');
  for (const node of form.querySelectorAll('[data-signup]')) node.hidden = !joining;
  nickname.required = joining;
  password.autocomplete = joining ? 'new-password' : 'current-password';
}

// Shows the form, with a sentence about why; calls back once somebody is logged in.
export function showLogin(reason, done) {
  byId('login').hidden = false;
  draw();
  onLanguage(draw);
  form.querySelector('[role=alert]').textContent = reason ? t(reason) : '';
  name.focus();
  byId('login-switch').addEventListener('click', () => {
    joining = !joining;
    showProblem(form, null);
    draw();
    name.focus();
  });
  onSubmit(form, async () => {
    showProblem(form, null);
    try {
      const account = name.value.trim().toLowerCase();
      if (joining) await signUp(account, nickname.value.trim(), password.value);
      else await logIn(account, password.value);
      password.value = '';
      byId('login').hidden = true;
      done();
    } catch (problem) {
      showProblem(form, problem);
    }
  });
}
