// SPDX-License-Identifier: MIT
// The files of a message that is being written: name, size, how far each is, and what can be done.
import { useEffect, useState } from 'preact/hooks';
import type { Upload } from 'maru-client';
import { bytes, percent, t } from '../i18n';
import { problemText } from '../problem';
import { Icon } from '../ui/icon';
import { MOST, type Draft } from './draft';

const PREVIEW = 20 << 20; // larger pictures are not decoded for 40 pixels

function Preview({ file }: { file: File }) {
  const [url, setUrl] = useState('');
  useEffect(() => {
    if (!/^image\/(png|jpeg|gif|webp|avif)$/.test(file.type) || file.size > PREVIEW) return undefined;
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return url ? <img src={url} alt="" onError={() => setUrl('')} /> : <Icon name="file" />;
}

function say({ state, sent, file, problem }: Upload): string {
  const size = bytes(file.size);
  if (state === 'failed') return t('fileFailed', { why: problemText(problem) });
  if (state === 'waiting') return t('fileWaiting', { done: percent(sent / file.size) });
  if (state === 'done') return size;
  if (state === 'sending' && sent === file.size) return t('fileChecked', { size });
  return `${size} · ${percent(sent / file.size)}`;
}

// `moved` is another number whenever an upload is further: the upload itself stays the same object.
function Chip({ upload, remove }: { upload: Upload; moved: number; remove: () => void }) {
  const { state, sent, file: { name, size } } = upload;
  const failed = state === 'failed';
  const label = t('fileRemove', { name });
  return (
    <li class="chip" data-state={state}>
      <span class="face"><Preview file={upload.file} /></span>
      <span class="text"><bdi class="name" title={name}>{name}</bdi>
        <span class="about" role={failed ? 'alert' : undefined}>{say(upload)}</span>
        <progress max={100} value={state === 'done' ? 100 : Math.floor(sent / size * 100)} hidden={failed} aria-label={t('fileProgress', { name })} />
      </span>
      <button type="button" class="small" hidden={!failed && state !== 'waiting'} onClick={() => upload.retry()}>{t(failed ? 'fileRetry' : 'fileRetryNow')}</button>
      <button type="button" class="small" title={label} aria-label={label} onClick={remove}><Icon name="close" /></button>
    </li>
  );
}

export function Tray({ draft }: { draft: Draft }) {
  const moved = draft.moved.value;
  const states = [
    draft.isFull.value ? t('filesTooMany', { n: MOST }) : '',
    draft.armed.value ? t('filesFirst') : '',
    draft.hasFailed ? t('filesFailed') : '',
  ];
  return (
    <>
      <ul id="files" aria-label={t('filesOfDraft')}>
        {draft.uploads.value.map((upload) => <Chip key={upload.file} upload={upload} moved={moved} remove={() => draft.remove(upload)} />)}
      </ul>
      <p id="files-state" role="status">{states.filter(Boolean).join(' ')}</p>
    </>
  );
}
