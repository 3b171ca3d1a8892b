// SPDX-License-Identifier: MIT
import { useState } from 'preact/hooks';
import type { components } from 'maru-client';
import { fullTime, t } from '../i18n';
import { rest } from '../maru';
import { profileOf } from '../me/people';
import { reasonText } from '../ui/report';
import { messagePath, personPath, roomPath } from '../router';
import { Choices } from '../ui/choose';
import { ask, FormDialog } from '../ui/dialog';
import { Area, valueOf } from '../ui/form';
import { PagesEnd, Trouble, useAttempt, usePages } from '../ui/pages';

type Report = components['schemas']['Report'];
type State = Report['state'];
const STATES = ['open', 'resolved', 'dismissed'] as const;

export function Reports() {
  const [state, setState] = useState<State>('open');
  const pages = usePages<Report>(async (cursor) => {
    const { reports, next } = await rest.get('/v1/reports', { state, ...cursor && { cursor } });
    return { items: reports, next };
  }, state);
  const [problem, attempt] = useAttempt();
  const close = (report: Report, verdict: 'resolved' | 'dismissed') => attempt(async () => {
    const done = await ask<Report>((end) => (
      <FormDialog id="verdict" heading={t(verdict === 'resolved' ? 'resolve' : 'dismiss')} yes={t(verdict === 'resolved' ? 'resolve' : 'dismiss')} close={end}
        submit={async (form) => end(await rest.patch('/v1/reports/{report}', { report: report.id }, { state: verdict, note: valueOf(form, 'note').trim() }))}>
        <Area name="note" label={t('verdictNote')} maxLength={1000} rows={3} />
      </FormDialog>
    ));
    if (done) pages.set((items) => items.filter(({ id }) => id !== report.id));
  });
  return (
    <>
      <Choices name="report-state" label={t('state')} value={state} onChange={(value) => setState(value as State)} options={STATES.map((value) => ({ value, label: t(`report.${value}`) }))} />
      <Trouble text={problem} />
      <ul class="rows" id="reports">{pages.items.map((report) => <Row key={report.id} report={report} close={close} />)}</ul>
      <PagesEnd pages={pages} empty={t('noReports')} />
    </>
  );
}

const Person = ({ id }: { id: number }) => <a href={personPath(id)}>{profileOf(id).value?.nickname ?? `#${id}`}</a>;

function Row({ report, close }: { report: Report; close: (report: Report, verdict: 'resolved' | 'dismissed') => Promise<void> }) {
  return (
    <li class="row-item tall" data-report={report.id}>
      <div class="text">
        <p class="title">{reasonText(report.reason)}{report.user && <> · <Person id={report.user} /></>}{report.room && <> · <a href={report.message ? messagePath(report.room, report.message) : roomPath(report.room)}>{t('roomNumber', { id: String(report.room) })}</a></>}</p>
        {report.body && <blockquote dir="auto">{report.body}</blockquote>}
        {report.detail && <p dir="auto">{report.detail}</p>}
        <p class="about">{report.reporter && <>{t('reportedBy')} <Person id={report.reporter} /> · </>}{fullTime(new Date(report.created_at))}</p>
        {report.note && <p class="about" dir="auto">{t('verdictNote')}: {report.note}</p>}
      </div>
      {report.state === 'open' && <>
        <button type="button" class="small" onClick={() => void close(report, 'dismissed')}>{t('dismiss')}</button>
        <button type="button" class="small primary" onClick={() => void close(report, 'resolved')}>{t('resolve')}</button>
      </>}
    </li>
  );
}
