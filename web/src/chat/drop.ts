// SPDX-License-Identifier: MIT
// Where files come from besides the button: the clipboard, and things that are dropped on the conversation.

const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes('Files') ?? false;

// A file that misses its mark must not replace the page.
for (const type of ['dragover', 'drop'] as const) {
  addEventListener(type, (event) => { if (hasFiles(event)) event.preventDefault(); });
}

// Without folders, which can't be read.
function filesIn({ items, files }: DataTransfer): File[] {
  const isFolder = (i: number) => items[i]?.webkitGetAsEntry?.()?.isDirectory;
  if ([...items].some(({ kind }) => kind !== 'file')) return [...files];
  return [...files].filter((_, i) => !isFolder(i));
}

// Office programs put a picture of the text beside the text; who pastes that means the text.
const isText = ({ types }: DataTransfer): boolean => types.includes('text/plain') && types.includes('text/html');

/** Calls take(files) for what is pasted, or dropped on the room; returns a function that ends it. */
export function takeFiles(room: HTMLElement, take: (files: File[]) => void): () => void {
  const end = new AbortController();
  const { signal } = end;
  const mark = (on: boolean) => room.classList.toggle('dropping', on);
  document.addEventListener('paste', (event) => {
    const { clipboardData: data } = event;
    if (!data?.files.length || isText(data) || (event.target as Element | null)?.closest?.('dialog')) return;
    event.preventDefault();
    take([...data.files]);
  }, { signal });
  room.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.dataTransfer!.dropEffect = 'copy';
    mark(true);
  }, { signal });
  room.addEventListener('dragleave', ({ relatedTarget }) => { if (!room.contains(relatedTarget as Node | null)) mark(false); }, { signal });
  room.addEventListener('drop', (event) => {
    mark(false);
    if (hasFiles(event)) take(filesIn(event.dataTransfer!));
  }, { signal });
  return () => {
    end.abort();
    mark(false);
  };
}
