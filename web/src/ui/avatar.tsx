// SPDX-License-Identifier: MIT
// The sign that stands for somebody, or for a room: a picture that was uploaded ("file-7"), else a
// coloured first letter, which is also what is seen until the picture is there.
import { useState } from 'preact/hooks';

/** The address of the picture; null if there is none. */
export function pictureUrl(emblem: string | undefined): string | null {
  const [, file] = /^file-(\d{1,16})$/.exec(emblem ?? '') ?? [];
  return file ? `/v1/files/${file}/thumb?size=256` : null;
}

interface AvatarProps {
  /** The same id always has the same colour. */
  id: number;
  name: string;
  /** A person's avatar, or a room's cover. */
  emblem?: string | undefined;
  square?: boolean;
  /** online, away ...: a dot beside it. */
  state?: string | undefined;
}

export function Avatar({ id, name, emblem, square, state }: AvatarProps) {
  const url = pictureUrl(emblem);
  const letter = Array.from(name.trim().replace(/^#/, ''))[0] ?? '?';
  return (
    <span class={square ? 'avatar square' : 'avatar'} data-hue={id % 8} data-state={state} aria-hidden="true">
      {letter.toUpperCase()}
      {url && <Picture key={url} url={url} />}
    </span>
  );
}

function Picture({ url }: { url: string }) {
  const [state, setState] = useState('');
  if (state === 'broken') return null;
  return <img class={state} src={url} alt="" draggable={false} onLoad={() => setState('there')} onError={() => setState('broken')} />;
}
