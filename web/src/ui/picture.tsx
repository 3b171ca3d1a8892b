// SPDX-License-Identifier: MIT
// The dialog in which a person, or the host of a room, chooses a picture or takes it away.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Upload } from 'maru-client';
import { t } from '../i18n';
import { maru } from '../maru';
import { problemText } from '../problem';
import { Avatar, pictureUrl } from './avatar';
import { ask } from './dialog';

interface Act {
  heading: string;
  /** What it looks like now; read again after each change. */
  look: () => { id: number; name: string; emblem?: string | undefined; square?: boolean };
  /** What is to be uploaded of a chosen file; null: nothing after all. */
  crop?: (file: File) => Promise<File | null>;
  set: (file: number) => Promise<void>;
  remove: () => Promise<void>;
}

export async function choosePicture(act: Act): Promise<void> {
  await ask((close) => <PictureDialog act={act} close={() => close(null)} />);
}

function PictureDialog({ act, close }: { act: Act; close: () => void }) {
  const [problem, setProblem] = useState<unknown>(null);
  const [part, setPart] = useState<number | null>(null);
  const upload = useRef<Upload | null>(null);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => () => upload.current?.cancel(), []); // closed before it was there
  const attempt = async (work: () => Promise<void>) => {
    setProblem(null);
    await work().catch(setProblem);
    setPart(null);
  };
  const choose = (chosen: File) => attempt(async () => {
    const file = act.crop ? await act.crop(chosen) : chosen;
    if (!file) return;
    upload.current?.cancel();
    const one = upload.current = new Upload(maru.http, file, 'avatar');
    one.on('changed', () => {
      setPart(Math.floor(one.sent / file.size * 100));
      setProblem(one.state === 'waiting' ? one.problem : null);
    });
    const { id } = await one.finished();
    if (upload.current !== one) return;
    upload.current = null;
    await act.set(id);
  });
  const { id, name, emblem, square = false } = act.look();
  return (
    <dialog id="picture" aria-labelledby="picture-heading">
      <form aria-busy={part !== null || undefined} onSubmit={(event) => event.preventDefault()}>
        <h2 id="picture-heading">{act.heading}</h2>
        <div id="picture-now"><Avatar id={id} name={name} emblem={emblem} square={square} /></div>
        <p role="alert" class="error">{problem ? problemText(problem) : ''}</p>
        <progress id="picture-progress" max={100} value={part ?? 0} hidden={part === null} aria-label={act.heading} />
        <input type="file" id="picture-input" ref={input} accept="image/jpeg,image/png,image/webp,image/gif,image/avif" hidden aria-label={t('choosePicture')}
          onChange={() => {
            const [file] = input.current!.files!;
            input.current!.value = '';
            if (file) void choose(file);
          }} />
        <button type="button" id="picture-choose" onClick={() => input.current?.click()}>{t('choosePicture')}</button>
        <button type="button" id="picture-remove" hidden={!pictureUrl(emblem)} onClick={() => void attempt(act.remove)}>{t('removePicture')}</button>
        <div class="actions"><button type="button" class="primary" data-cancel onClick={close}>{t('close')}</button></div>
      </form>
    </dialog>
  );
}
