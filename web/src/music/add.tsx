// SPDX-License-Identifier: MIT
// The form in which a track is added: the file goes up and is sent as a message, so that all can see where the music comes
// from, and then stands in the list. What is done already is not done again if the next step fails.
import { useEffect, useRef, useState } from 'preact/hooks';
import { newId, Problem, Upload, type FileInfo } from 'maru-client';
import { percent, t } from '../i18n';
import { maru, rest } from '../maru';
import { problemText } from '../problem';
import { FormDialog } from '../ui/dialog';
import { Field, valueOf } from '../ui/form';
import { lengthOf } from './measure';

const TITLE = 200;
const LICENCE = 300;

class Work {
  readonly id = newId();
  readonly upload: Upload;
  #duration = 0; #message = 0; #sent: FileInfo | null = null;

  constructor(file: File) { this.upload = new Upload(maru.http, file); }

  /** Resolves with what is wrong with the file, '' for nothing. Rejects with a Problem. */
  async run(room: number, title: string, licence: string): Promise<string> {
    const file = this.#sent ??= await this.upload.finished();
    if (file.kind !== 'audio') return t('trackNoSound');
    this.#duration ||= await lengthOf(file.url) ?? 0;
    if (!this.#duration) return t('trackUnplayable');
    this.#message ||= (await rest.post('/v1/rooms/{room}/messages', { room }, { client_id: this.id, body: title, attachments: [file.id] })).seq;
    await rest.post('/v1/rooms/{room}/tracks', { room }, { message: this.#message, file: file.id, title, licence, duration: this.#duration });
    return '';
  }

  /** What has not become a message nobody needs any more. */
  end(): void {
    if (!this.#message) this.upload.cancel();
  }
}

// A file's name is what most titles begin with.
const titleOf = ({ name }: File): string => name.replace(/\.\w{1,5}$/, '').replace(/_/g, ' ').slice(0, TITLE);

// Asked for here, as the message would go before the server could say so.
function filled(form: HTMLFormElement, names: string[]): string[] {
  const missing = names.filter((name) => !valueOf(form, name).trim());
  if (missing.length > 0) throw new Problem(422, { type: '/problems/invalid-fields', errors: missing.map((field) => ({ field, message: 'is required' })) });
  return names.map((name) => valueOf(form, name).trim());
}

export function Add({ room, close }: { room: number; close: () => void }) {
  const work = useRef<Work | null>(null);
  const [trouble, setTrouble] = useState('');
  useEffect(() => () => work.current?.end(), []);
  const [part, setPart] = useState<number | null>(null);
  const choose = (file: File | undefined, title: HTMLInputElement) => {
    work.current?.end();
    work.current = file ? new Work(file) : null;
    work.current?.upload.on('changed', () => {
      const { upload } = work.current!;
      setPart(upload.state === 'done' ? null : upload.sent / upload.file.size);
      setTrouble(upload.state === 'waiting' ? problemText(upload.problem) : '');
    });
    setTrouble('');
    if (file && title.value === '') title.value = titleOf(file);
  };
  const submit = async (form: HTMLFormElement) => {
    const [title = '', licence = ''] = filled(form, ['title', 'licence']);
    const said = work.current ? await work.current.run(room, title, licence).finally(() => setPart(null)) : t('trackNoFile');
    setTrouble(said);
    if (!said) close();
  };
  return (
    <FormDialog id="track" heading={t('trackAdd')} yes={t('trackAddYes')} close={close} submit={submit}>
      <label><span>{t('trackFile')}</span>
        <input type="file" name="file" accept="audio/*,.mp3,.m4a,.ogg,.opus,.flac,.wav" required onChange={({ currentTarget }) => choose(currentTarget.files?.[0], currentTarget.form!.elements.namedItem('title') as HTMLInputElement)} />
      </label>
      <Field name="title" label={t('trackTitle')} maxLength={TITLE} dir="auto" autocomplete="off" required />
      <Field name="licence" label={t('trackLicence')} hint={t('trackLicenceWhy')} maxLength={LICENCE} required />
      <p class="error" role="alert">{trouble}</p>
      <div hidden={part === null}>
        <progress max={100} value={Math.floor((part ?? 0) * 100)} aria-label={t('fileProgress', { name: work.current?.upload.file.name ?? '' })} />
        <small role="status">{part === null ? '' : t('trackUploading', { done: percent(part) })}</small>
      </div>
    </FormDialog>
  );
}
