// SPDX-License-Identifier: MIT
// The files of a message as they stand in the conversation. Each has its size before it is loaded, so
// that nothing jumps; what is not a picture is loaded when somebody asks for it.
import type { FileInfo } from 'maru-client';
import { bytes, t } from '../i18n';
import { Icon } from '../ui/icon';
import { registerPicture } from './gallery';

const SIDE = 320; // pixels that a single picture may be wide and high
const LEAST = 64;
const MOVING = 2 << 20; // what may move is shown whole up to this size, as thumbnails stand still

// How large something is shown whose width and height are known.
function fit({ width = 16, height = 9 }: FileInfo): { width: number; height: number } {
  const scale = Math.min(1, SIDE / width, SIDE / height);
  const within = (n: number) => Math.round(Math.min(SIDE, Math.max(LEAST, n * scale)));
  return { width: within(width), height: within(height) };
}

const isPlaceholder = (text = ''): boolean => /^data:image\/[a-z]+;base64,[A-Za-z0-9+/=]+$/.test(text);

// The server makes WebP of what moves.
const mayMove = ({ name, type, bytes: size }: FileInfo): boolean => type === 'image/webp' && /\.(gif|webp)$/i.test(name) && size <= MOVING;

function Picture({ file, alone }: { file: FileInfo; alone: boolean }) {
  // What is transparent would show the placeholder for good. No style attribute: see the Content-Security-Policy.
  const look = (node: HTMLImageElement | null) => {
    if (node && !node.complete && isPlaceholder(file.placeholder)) node.style.backgroundImage = `url("${file.placeholder}")`;
  };
  return (
    <a class="picture" href={file.url} ref={(node) => { if (node) registerPicture(node, file); }}>
      <img ref={look} src={mayMove(file) ? file.url : file.thumbnail} alt={t('pictureOf', { name: file.name })} loading="lazy" decoding="async" draggable={false}
        onLoad={({ currentTarget }) => { currentTarget.style.backgroundImage = ''; }} {...alone ? fit(file) : { width: SIDE, height: SIDE }} />
    </a>
  );
}

function About({ file }: { file: FileInfo }) {
  return <span class="text"><bdi class="name">{file.name}</bdi>{' '}<small>{bytes(file.bytes)}</small></span>;
}

function Other({ file }: { file: FileInfo }) {
  if (file.kind === 'video') {
    return <video src={file.url} poster={file.thumbnail} preload={file.thumbnail ? 'none' : 'metadata'} controls playsInline aria-label={file.name} title={file.name} {...fit(file)} />;
  }
  if (file.kind === 'audio') {
    return <div class="sound"><About file={file} /><audio src={file.url} preload="none" controls aria-label={file.name} /></div>;
  }
  const label = t('downloadOf', { name: file.name, size: bytes(file.bytes) });
  return (
    <a class="document" href={file.url} download={file.name} aria-label={label} title={label}>
      <span class="face"><Icon name="file" /></span><About file={file} /><Icon name="download" />
    </a>
  );
}

export function Files({ files }: { files: FileInfo[] }) {
  const pictures = files.filter(({ kind }) => kind === 'image');
  const rest = files.filter(({ kind }) => kind !== 'image');
  return (
    <div class="files">
      {pictures.length > 0 && (
        <div class={pictures.length > 1 ? 'pictures many' : 'pictures'} data-over={pictures.length % 3}>
          {pictures.map((file) => <Picture key={file.id} file={file} alone={pictures.length === 1} />)}
        </div>
      )}
      {rest.map((file) => <Other key={file.id} file={file} />)}
    </div>
  );
}
