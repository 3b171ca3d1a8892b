// SPDX-License-Identifier: MIT
// The whiteboard of the open room, beside the conversation: the pens, the canvas, and in words who drew how much.
import { signal } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { hindranceOf, useNow } from '../chat/hindrance';
import { mayPin, type Chat } from '../chat/state';
import { t } from '../i18n';
import { problemText } from '../problem';
import { roomTitle } from '../rooms/rooms';
import { Beside } from '../ui/beside';
import { confirmed } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { Trouble, useAttempt } from '../ui/pages';
import { Board, STROKES_MAX } from './board';
import { drawOn } from './pen';
import { savePng } from './png';
import { COLORS, WIDTHS, type Color } from './shape';

const QUIET = 1500; // milliseconds without a change before it is said who drew: screen readers read all of it
const NAMED = 3;

// As one left them, also in the next room.
const color = signal<Color>('black');
const width = signal<keyof typeof WIDTHS>('medium');

export default function BoardPanel({ chat, close }: { chat: Chat; close: () => void }) {
  return <Beside id="board" heading={t('board')} close={close}><Body chat={chat} /></Beside>;
}

function Body({ chat }: { chat: Chat }) {
  const board = useMemo(() => new Board(chat), []);
  const [trouble, attempt] = useAttempt();
  const hindrance = hindranceOf(chat, useNow(chat));
  const isFull = board.version.value >= 0 && board.strokes >= STROKES_MAX;
  const problem = board.problem.value;
  useEffect(() => () => board.close(), []);
  const key = (event: KeyboardEvent) => {
    if (event.key.toLowerCase() !== 'z' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (!hindrance) board.undo();
  };
  return (
    <div class="board-body" onKeyDown={key}>
      {hindrance ? <p class="about">{hindrance}</p> : <Pens />}
      <Paper chat={chat} board={board} may={!hindrance && !isFull} />
      <Acts chat={chat} board={board} mayUndo={!hindrance} attempt={attempt} />
      <Sending board={board} />
      <Trouble text={trouble || (problem ? problemText(problem) : '')} />
      {isFull && <p class="about" role="status">{t('boardFull', { n: STROKES_MAX })}</p>}
      <Summary chat={chat} board={board} />
    </div>
  );
}

function Pens() {
  return (
    <div class="board-pens">
      <fieldset class="board-colors"><legend class="sr">{t('boardColor')}</legend>
        {COLORS.map((one) => (
          <label key={one} title={t(`boardColor.${one}`)}>
            <input type="radio" name="board-color" value={one} checked={one === color.value} aria-label={t(`boardColor.${one}`)} onChange={() => { color.value = one; }} />
            <span data-ink={one} />
          </label>
        ))}
      </fieldset>
      <fieldset class="board-widths"><legend class="sr">{t('boardWidth')}</legend>
        {(Object.keys(WIDTHS) as (keyof typeof WIDTHS)[]).map((one) => (
          <label key={one} title={t(`boardWidth.${one}`)}>
            <input type="radio" name="board-width" value={one} checked={one === width.value} aria-label={t(`boardWidth.${one}`)} onChange={() => { width.value = one; }} />
            <span data-width={one} />
          </label>
        ))}
      </fieldset>
    </div>
  );
}

function Paper({ chat, board, may }: { chat: Chat; board: Board; may: boolean }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const isAllowed = useRef(may);
  isAllowed.current = may;
  useEffect(() => drawOn(canvas.current!, board, () => ({ color: color.value, width: WIDTHS[width.value], may: isAllowed.current })), []);
  const words = board.version.value >= 0 ? summaryOf(chat, board) : '';
  return <canvas ref={canvas} id="board-canvas" tabIndex={-1} role="img" aria-label={words} data-may={may} data-loaded={board.loaded.value} />;
}

function Acts({ chat, board, mayUndo, attempt }: { chat: Chat; board: Board; mayUndo: boolean; attempt: (work: () => Promise<unknown>) => Promise<void> }) {
  const row = useRef<HTMLDivElement>(null);
  const isEmpty = board.version.value >= 0 && board.sender.left.value >= 0 && board.summary().lines === 0;
  const clear = async () => { if (await confirmed(t('boardClearAsk'), t('boardClear'))) await attempt(() => board.clear()); };
  const title = chat.info.value ? roomTitle(chat.info.value) : String(chat.room.id);
  return (
    <div ref={row} class="board-acts">
      <button type="button" id="board-undo" disabled={!mayUndo || !board.canUndo} title="Ctrl+Z" onClick={() => board.undo()}><Icon name="undo" />{t('boardUndo')}</button>
      {mayPin(chat) && <button type="button" id="board-clear" disabled={isEmpty} onClick={() => void clear()}><Icon name="trash" />{t('boardClear')}</button>}
      <button type="button" id="board-save" onClick={() => void attempt(() => savePng(board.shapes(), row.current!, title))}><Icon name="download" />{t('boardSave')}</button>
    </div>
  );
}

// What did not get through is said, and stays on the canvas.
function Sending({ board: { sender } }: { board: Board }) {
  const { state: { value: state }, left: { value: n }, problem: { value: problem } } = sender;
  if (state === 'sending' || (state === 'waiting' && n === 0)) return null;
  return (
    <div class="board-sending">
      <p role={state === 'failed' ? 'alert' : 'status'} class={state === 'failed' ? 'error' : 'about'}>
        {state === 'failed' ? problemText(problem) : t('boardWaits', { n })}
      </p>
      <button type="button" class="small" onClick={() => sender.retry()}>{t('retry')}</button>
      {state === 'failed' && n > 0 && <button type="button" class="small" onClick={() => sender.discard()}>{t('boardDiscard')}</button>}
    </div>
  );
}

function summaryOf(chat: Chat, board: Board): string {
  const { lines, authors } = board.summary();
  if (!board.loaded.value) return t('loading');
  if (lines === 0) return t('boardEmpty');
  const names = authors.slice(0, NAMED).map((id) => chat.room.names.of(id));
  if (authors.length > NAMED) names.push(t('boardOthers', { n: authors.length - NAMED }));
  return t('boardSummary', { n: lines, names: names.join(', ') });
}

function Summary({ chat, board }: { chat: Chat; board: Board }) {
  const [words, say] = useState('');
  const wasLoaded = useRef(false);
  const now = board.version.value >= 0 && chat.named.value >= 0 ? summaryOf(chat, board) : '';
  useEffect(() => {
    const timer = setTimeout(() => say(now), wasLoaded.current ? QUIET : 0);
    wasLoaded.current = board.loaded.value;
    return () => clearTimeout(timer);
  }, [now]);
  return <p id="board-summary" class="about" role="status">{words}</p>;
}
