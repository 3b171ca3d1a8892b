// SPDX-License-Identifier: MIT
// The dialogs: opening a room, joining one, removing somebody, another password, a question with yes and no. Each is a promise of what the
// visitor decided; Escape and Cancel mean null.
import { del, post, put } from './api.js';
import { byId, onSubmit } from './dom.js';
import { t } from './i18n.js';
import { showProblem } from './problem.js';

// Opens a dialog; work(form) runs on submit and its answer is the dialog's. A Problem is shown.
export function ask(dialog, work) {
  const form = dialog.querySelector('form');
  showProblem(form, null);
  dialog.returnValue = '';
  dialog.work = work;
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.answer = null;
    dialog.addEventListener('close', () => {
      dialog.work = null;
      resolve(dialog.answer);
    }, { once: true });
  });
}

for (const form of document.querySelectorAll('dialog form')) {
  const dialog = form.closest('dialog');
  dialog.querySelector('[data-cancel]').addEventListener('click', () => dialog.close());
  onSubmit(form, async () => {
    const { work } = dialog;
    try {
      dialog.answer = await work?.(form) ?? null;
      if (dialog.work === work) dialog.close();
    } catch (problem) {
      showProblem(form, problem);
    }
  });
}

const kindOf = (form) => form.elements.kind.value;

function showPassword(form) {
  const secret = kindOf(form) === 'secret';
  byId('create-password').hidden = !secret;
  form.elements.password.required = secret;
}
byId('create').addEventListener('change', () => showPassword(byId('create').querySelector('form')));

// Resolves with the new room.
export function createRoom() {
  const dialog = byId('create');
  const form = dialog.querySelector('form');
  form.reset();
  showPassword(form);
  return ask(dialog, () => {
    const { title, description, password } = form.elements;
    const room = { kind: kindOf(form), title: title.value.trim() };
    if (description.value.trim()) room.description = description.value.trim();
    if (room.kind === 'secret') room.password = password.value;
    return post('/v1/rooms', room);
  });
}

export const join = (room, password) =>
  put(`/v1/rooms/${room.id}/members/me`, password === undefined ? {} : { password });

// Asks whether to join, with the password if the room has one. Resolves with the membership.
export function askToJoin(room) {
  const dialog = byId('join');
  const form = dialog.querySelector('form');
  form.reset();
  byId('join-title').textContent = room.title;
  byId('join-ask').textContent = t(room.locked ? 'joinLocked' : 'joinAsk');
  byId('join-password').hidden = !room.locked;
  form.elements.password.required = room.locked;
  return ask(dialog, () => join(room, room.locked ? form.elements.password.value : undefined));
}

const showReason = (form) => { byId('remove-reason').hidden = form.elements.how.value === 'kick'; };
byId('remove').addEventListener('change', () => showReason(byId('remove').querySelector('form')));

// Asks how to remove somebody from a room: a kick, or a ban for a day or for good.
export function removePerson(room, id, name) {
  const dialog = byId('remove');
  const form = dialog.querySelector('form');
  form.reset();
  showReason(form);
  byId('remove-name').textContent = name;
  return ask(dialog, () => {
    const { how: { value: how }, reason } = form.elements;
    if (how === 'kick') return del(`/v1/rooms/${room}/members/${id}`);
    return put(`/v1/rooms/${room}/bans/${id}`, { reason: reason.value.trim(), ...how === 'ban' ? {} : { seconds: Number(how) } });
  });
}

// The passwords do not stay in the page.
export async function changePassword() {
  const dialog = byId('new-password');
  const form = dialog.querySelector('form');
  form.reset();
  const { password, new_password: wanted } = form.elements;
  await ask(dialog, () => put('/v1/users/me/password', { password: password.value, new_password: wanted.value }));
  form.reset();
}

// Resolves with true for yes.
export function confirmed(question, yes) {
  byId('confirm-question').textContent = question;
  byId('confirm-yes').textContent = yes;
  return ask(byId('confirm'), async () => true);
}
