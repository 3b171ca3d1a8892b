// SPDX-License-Identifier: MIT
// Where files come from: the button, the clipboard, and things that are dropped on the conversation.
import { byId } from './dom.js';

const hasFiles = ({ dataTransfer }) => dataTransfer?.types.includes('Files');

// A file that misses its mark must not replace the page.
for (const type of ['dragover', 'drop']) {
  addEventListener(type, (event) => hasFiles(event) && event.preventDefault());
}

// Without folders, which can't be read.
function filesIn({ items, files }) {
  const isFolder = (i) => items[i]?.webkitGetAsEntry?.()?.isDirectory;
  if ([...items].some(({ kind }) => kind !== 'file')) return [...files];
  return [...files].filter((file, i) => !isFolder(i));
}

// Office programs put a picture of the text beside the text; who pastes that means the text.
const isText = ({ types }) => types.includes('text/plain') && types.includes('text/html');

// Calls take(files) for what is chosen, pasted or dropped, until `signal` ends it.
export function takeFiles(take, signal) {
  const room = byId('room');
  const input = byId('file-input');
  const mark = (on) => room.classList.toggle('dropping', on);
  byId('attach').addEventListener('click', () => input.click(), { signal });
  input.addEventListener('change', () => {
    take([...input.files]);
    input.value = '';
  }, { signal });
  document.addEventListener('paste', (event) => {
    const { clipboardData: data } = event;
    if (!data?.files.length || isText(data) || event.target.closest?.('dialog')) return;
    event.preventDefault();
    take([...data.files]);
  }, { signal });
  room.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.dataTransfer.dropEffect = 'copy';
    mark(true);
  }, { signal });
  room.addEventListener('dragleave', ({ relatedTarget }) => room.contains(relatedTarget) || mark(false), { signal });
  room.addEventListener('drop', (event) => {
    mark(false);
    if (hasFiles(event)) take(filesIn(event.dataTransfer));
  }, { signal });
  signal.addEventListener('abort', () => mark(false));
}
