// SPDX-License-Identifier: MIT
// What a message said before it was changed, the newest first.
import { useEffect, useState } from 'preact/hooks';
import type { Got, Message } from 'maru-client';
import { fullTime, t } from '../i18n';
import { rest } from '../maru';
import { problemText } from '../problem';
import { ask } from '../ui/dialog';
import { Body } from './body';
import type { Talk } from './talk';

type Revision = Got<'/v1/rooms/{room}/messages/{message}/revisions'>['revisions'][number];

export async function showVersions(talk: Talk, message: Message): Promise<void> {
  await ask((close) => <Versions room={talk.room.id} message={message} close={() => close(null)} />);
}

function Versions({ room, message, close }: { room: number; message: Message; close: () => void }) {
  const [revisions, setRevisions] = useState<Revision[] | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  useEffect(() => { rest.get('/v1/rooms/{room}/messages/{message}/revisions', { room, message: message.seq }).then((list) => setRevisions(list.revisions), setProblem); }, []);
  return (
    <dialog id="versions" class="list-dialog" aria-labelledby="versions-heading">
      <h2 id="versions-heading">{t('versions')}</h2>
      <ol class="scrolled versions" aria-busy={revisions === null && problem === null}>
        {problem !== null && <li class="error" role="alert">{problemText(problem)}</li>}
        {[...revisions ?? []].reverse().map((revision) => (
          <li key={revision.rev}><time dateTime={revision.created_at}>{fullTime(new Date(revision.created_at))}</time><Body message={{ ...message, entities: undefined, ...revision } as Message} /></li>
        ))}
      </ol>
      <div class="actions"><button type="button" class="primary" data-cancel onClick={close}>{t('close')}</button></div>
    </dialog>
  );
}
