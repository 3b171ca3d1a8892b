// SPDX-License-Identifier: MIT
// Which microphone and which camera.
import { t } from '../i18n';
import { Select } from '../ui/choose';
import { deviceText } from './words';
import type { Kind, Media } from './media';

const KINDS = { mic: 'audioinput', camera: 'videoinput' } as const;

function Choice({ media, kind, label }: { media: Media; kind: Kind; label: string }) {
  void media.on.value; // another device may be in use
  const options = media.devices.value.filter((one) => one.kind === KINDS[kind]).map(({ deviceId: value, label: name }, i) => ({ value, label: name || `${label} ${i + 1}` }));
  if (options.length === 0) return <p>{label}: {t('callNone')}</p>;
  return <Select name={kind} label={label} value={media.using(kind)} options={options} onChange={(id) => void media.choose(kind, id)} />;
}

export function Devices({ media }: { media: Media }) {
  const problem = media.problem.value;
  return (
    <div class="call-devices">
      <Choice media={media} kind="mic" label={t('callMic')} />
      <Choice media={media} kind="camera" label={t('callCamera')} />
      <p class="error" role="alert">{problem ? deviceText(problem) : ''}</p>
    </div>
  );
}
