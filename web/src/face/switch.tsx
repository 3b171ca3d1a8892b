// SPDX-License-Identifier: MIT
// Whether the camera may look, what becomes of what it sees, and how it is going.
import { MediaError } from '../call/media';
import { deviceText } from '../call/words';
import { t } from '../i18n';
import { Switch } from '../ui/choose';
import { Lost, problem, want, wanted, watching } from './state';

function problemWords(why: unknown): string {
  if (why === null) return '';
  if (why instanceof Lost) return t('faceLost');
  return why instanceof MediaError ? deviceText(why, 'faceNoCamera') : t('faceUnable');
}

export function FaceSwitch() {
  return (
    <div class="face">
      <Switch name="face" label={t('face')} hint={t('facePrivacy')} checked={wanted.value} onChange={want} />
      {wanted.value && <p class="error" role="alert">{problemWords(problem.value)}</p>}
      {watching.value && <p class="about" role="status">{t('faceWatching')}</p>}
    </div>
  );
}
