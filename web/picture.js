// SPDX-License-Identifier: MIT
// The dialog in which a person, or the host of a room, chooses a picture or takes it away.
import { del, put } from './api.js';
import { avatar, pictureUrl } from './avatar.js';
import { ask } from './dialogs.js';
import { byId } from './dom.js';
import { t } from './i18n.js';
import { showProblem } from './problem.js';
import { keepMe } from './session.js';
import { Upload } from './upload.js';

const dialog = byId('picture');
const form = dialog.querySelector('form');
const [input, bar] = [byId('picture-input'), byId('picture-progress')];
let act = null; // { set(file), remove(), look() } of the one that is asked about
let upload = null;

function draw() {
  const look = act.look();
  byId('picture-now').replaceChildren(avatar(look.id, look.name, look));
  byId('picture-remove').hidden = !pictureUrl(look.emblem);
}

async function attempt(work) {
  const { set } = act;
  showProblem(form, null);
  form.setAttribute('aria-busy', 'true');
  try {
    await work();
  } catch (problem) {
    if (act?.set === set) showProblem(form, problem);
  } finally {
    form.removeAttribute('aria-busy');
    bar.hidden = true;
    if (act?.set === set) draw();
  }
}

function choose(file) {
  const { set } = act;
  upload?.cancel();
  upload = new Upload(file, 'avatar');
  bar.hidden = false;
  bar.value = 0;
  const { file: { size } } = upload;
  upload.onChange = () => {
    bar.value = Math.floor(upload.sent / size * 100);
    showProblem(form, upload.state === 'waiting' ? upload.problem : null);
  };
  return attempt(async () => {
    const { id } = await upload.finished();
    upload = null;
    await set(id);
  });
}

byId('picture-choose').addEventListener('click', () => input.click());
byId('picture-remove').addEventListener('click', () => attempt(() => act.remove()));
input.addEventListener('change', () => {
  const [file] = input.files;
  input.value = '';
  if (file) choose(file);
});

async function change(heading, how) {
  act = how;
  byId('picture-heading').textContent = heading;
  form.removeAttribute('aria-busy');
  bar.hidden = true;
  bar.setAttribute('aria-label', heading);
  draw();
  await ask(dialog, async () => null);
  upload?.cancel(); // closed before it was there
  act = upload = null;
}

export function changeAvatar(me) {
  let user = me;
  const keep = (changes) => {
    user = { ...user, ...changes };
    keepMe(user);
  };
  return change(t('myPicture'), {
    look: () => ({ id: user.id, name: user.nickname, emblem: user.avatar }),
    set: async (file) => keep(await put('/v1/users/me/avatar', { file })),
    remove: async () => {
      await del('/v1/users/me/avatar');
      keep({ avatar: '' });
    },
  });
}

// Calls back with the room as it is then.
export function changeCover(room, changed) {
  const path = `/v1/rooms/${room.id}/cover`;
  return change(t('changeCover'), {
    look: () => ({ id: room.id, name: room.title, emblem: room.cover, square: true }),
    set: async (file) => changed(await put(path, { file })),
    remove: async () => changed(await del(path)),
  });
}
