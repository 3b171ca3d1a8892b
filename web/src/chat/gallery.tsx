// SPDX-License-Identifier: MIT
// The pictures of the conversation one by one, as large as the window allows. Escape closes it, the
// arrow keys go on.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { FileInfo } from 'maru-client';
import { bytes, t } from '../i18n';
import { ask } from '../ui/dialog';
import { Icon } from '../ui/icon';

const shown = new WeakMap<Element, FileInfo>();
export const registerPicture = (link: Element, file: FileInfo): void => { shown.set(link, file); };

/** For the click on a picture: the gallery of all pictures that are in the page. */
export function openGallery(event: MouseEvent): void {
  const link = (event.target as Element).closest('a.picture');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const links = [...document.querySelectorAll('#conversation a.picture')].filter((one) => shown.has(one));
  void ask((close) => <Gallery files={links.map((one) => shown.get(one)!)} first={links.indexOf(link)} close={() => close(null)} />);
}

function Gallery({ files, first, close }: { files: FileInfo[]; first: number; close: () => void }) {
  const [at, setAt] = useState(first);
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => button.current?.focus(), []);
  const show = (i: number) => setAt(Math.min(Math.max(i, 0), files.length - 1));
  const turn = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    show(at + step);
  };
  const file = files[at]!;
  // Not `disabled`: who holds the focus on one of them must keep it.
  const arrow = (id: string, gone: boolean, step: number, label: string, icon: 'back' | 'next') => (
    <button type="button" id={id} class={gone ? 'gone' : ''} aria-label={label} title={label} onClick={() => show(at + step)}><Icon name={icon} /></button>
  );
  return (
    <dialog id="gallery" aria-label={t('pictures')} onKeyDown={turn} onClick={({ target, currentTarget }) => { if (target === currentTarget) close(); }}>
      <header>
        <div class="text"><bdi id="gallery-name">{file.name}</bdi>
          <small id="gallery-place" role="status">{[bytes(file.bytes), files.length > 1 ? t('galleryPlace', { i: at + 1, n: files.length }) : ''].filter(Boolean).join(' · ')}</small></div>
        <a id="gallery-save" class="button" href={file.url} download={file.name} aria-label={t('download')} title={t('download')}><Icon name="download" /></a>
        <button type="button" id="gallery-close" ref={button} aria-label={t('close')} title={t('close')} onClick={close}><Icon name="close" /></button>
      </header>
      {arrow('gallery-previous', at === 0, -1, t('previousPicture'), 'back')}
      <img id="gallery-image" key={file.id} src={file.url} alt={t('pictureOf', { name: file.name })} width={file.width ?? 320} height={file.height ?? 320} />
      {arrow('gallery-next', at === files.length - 1, 1, t('nextPicture'), 'next')}
    </dialog>
  );
}
