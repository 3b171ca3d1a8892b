// SPDX-License-Identifier: MIT
// Taking the history along as a file. It is fetched, not just linked: so a refusal is said here.
import { fill, Problem } from 'maru-client';
import { t } from '../i18n';
import { maru } from '../maru';
import { roomTitle } from '../rooms/rooms';
import { Select } from '../ui/choose';
import { FormDialog } from '../ui/dialog';
import { Field, valueOf } from '../ui/form';
import type { RoomDialog } from './dialogs';

async function fetchFile(path: string): Promise<Blob> {
  return maru.http.asUser(async () => {
    const answer = await fetch(path).catch(() => { throw new Problem(0); });
    if (!answer.ok) throw new Problem(answer.status, await answer.json().catch(() => ({})), Number(answer.headers.get('Retry-After')) || 0);
    return answer.blob().catch(() => { throw new Problem(0); });
  });
}

function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

export function Export({ chat, close }: RoomDialog) {
  const submit = async (form: HTMLFormElement) => {
    const format = valueOf(form, 'format');
    const [from, to] = [valueOf(form, 'from'), valueOf(form, 'to')];
    const blob = await fetchFile(fill('/v1/rooms/{room}/export', { room: chat.room.id, format, ...from && { from }, ...to && { to } }));
    const title = chat.info.value ? roomTitle(chat.info.value) : String(chat.room.id);
    save(blob, `${title.replace(/[\\/:*?"<>|]/g, '_')}.${format}`);
    close();
  };
  return (
    <FormDialog id="export" heading={t('exportHeading')} about={t('exportAbout')} yes={t('download')} close={close} submit={submit}>
      <Select name="format" label={t('exportFormat')} value="txt" options={[
        { value: 'txt', label: t('exportTxt') }, { value: 'html', label: t('exportHtml') }, { value: 'csv', label: t('exportCsv') }, { value: 'json', label: t('exportJson') }]} />
      <div class="pair"><Field name="from" label={t('exportFrom')} type="date" /><Field name="to" label={t('exportTo')} type="date" /></div>
    </FormDialog>
  );
}
