// SPDX-License-Identifier: MIT
// The inside of the emoji picker: a group at a time, or what a search finds. The arrow keys go from one to
// the next; only one of them is in the order of Tab.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { language, t, type Language, type TextKey } from '../i18n';
import { noteEmoji, recentEmoji, type EmojiPickerProps } from './emoji';

type Emoji = [emoji: string, name: string, words: string];

const SIGNS = ['😀', '👋', '🐻', '🍵', '🚗', '⚽', '💡', '🔣', '🏁'];
const NAMES = ['emojiFaces', 'emojiPeople', 'emojiNature', 'emojiFood', 'emojiTravel', 'emojiPlay', 'emojiThings', 'emojiSigns', 'emojiFlags'] as const satisfies readonly TextKey[];
const RECENT = -1;
const FOUND = 160; // shown of a search

const load = (now: Language) => (now === 'ko' ? import('emoji-data/ko') : import('emoji-data/en'));

function useGroups(): Emoji[][] {
  const [groups, setGroups] = useState<Emoji[][]>([]);
  useEffect(() => {
    let here = true;
    void load(language.value).then(({ default: data }) => { if (here) setGroups(data); });
    return () => { here = false; };
  }, [language.value]);
  return groups;
}

// Those whose name or words begin with it come first.
function search(groups: Emoji[][], words: string): Emoji[] {
  const wanted = words.normalize().toLowerCase();
  const rank = ([emoji, name, tags]: Emoji): number => {
    const text = `${name} ${tags}`.toLowerCase();
    if (emoji === wanted || name.toLowerCase().startsWith(wanted)) return 0;
    return text.includes(` ${wanted}`) ? 1 : text.includes(wanted) ? 2 : 3;
  };
  return groups.flat().map((one) => ({ one, rank: rank(one) })).filter((found) => found.rank < 3)
    .sort((a, b) => a.rank - b.rank).slice(0, FOUND).map(({ one }) => one);
}

// To the neighbour in that direction; up and down by what stands above and below it.
function neighbour(cells: HTMLElement[], at: number, key: string): HTMLElement | undefined {
  const row = cells.findIndex(({ offsetTop }) => offsetTop > cells[0]!.offsetTop);
  const columns = row < 0 ? cells.length : row;
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[key];
  return step === undefined ? undefined : cells[at + step];
}

function Cells({ list, choose }: { list: Emoji[]; choose: (emoji: string) => void }) {
  const box = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const cells = [...box.current!.querySelectorAll<HTMLElement>('button')];
    const next = neighbour(cells, cells.indexOf(event.target as HTMLElement), event.key);
    if (!event.key.startsWith('Arrow')) return;
    event.preventDefault();
    next?.focus();
  };
  return (
    <div class="emoji-cells" ref={box} onKeyDown={move}>
      {list.map(([emoji, name], i) => (
        <button type="button" key={emoji} tabIndex={i === 0 ? 0 : -1} title={name} aria-label={name} onClick={() => choose(emoji)}>{emoji}</button>
      ))}
    </div>
  );
}

export function EmojiGrid({ pick }: EmojiPickerProps) {
  const groups = useGroups();
  const [recent] = useState(recentEmoji);
  const [group, setGroup] = useState(recent.length > 0 ? RECENT : 0);
  const [words, setWords] = useState('');
  const input = useRef<HTMLInputElement>(null);
  // On a phone the keyboard would cover them.
  useLayoutEffect(() => { if (matchMedia('(pointer: fine)').matches) input.current?.focus(); }, []);
  const list = useMemo(() => {
    if (words) return search(groups, words);
    if (group !== RECENT) return groups[group] ?? [];
    const known = new Map(groups.flat().map((one) => [one[0], one]));
    return recent.map((emoji): Emoji => known.get(emoji) ?? [emoji, emoji, '']);
  }, [groups, words, group]);
  const choose = (emoji: string) => {
    noteEmoji(emoji);
    pick(emoji);
  };
  const tab = (i: number, sign: string, name: TextKey) => (
    <button type="button" key={name} aria-pressed={!words && group === i} aria-label={t(name)} title={t(name)}
      onClick={() => {
        setWords('');
        setGroup(i);
      }}>{sign}</button>
  );
  return (
    <div class="emoji-picker">
      <input type="search" ref={input} value={words} aria-label={t('emojiSearch')} placeholder={t('emojiSearch')} autocomplete="off"
        onInput={({ currentTarget }) => setWords(currentTarget.value.trim())}
        onKeyDown={(event) => { if (event.key === 'Enter' && !event.isComposing && words && list[0]) choose(list[0][0]); }} />
      <div class="emoji-tabs" role="group" aria-label={t('emojiGroups')}>
        {recent.length > 0 && tab(RECENT, '🕘', 'emojiRecent')}
        {SIGNS.map((sign, i) => tab(i, sign, NAMES[i]!))}
      </div>
      <Cells list={list} choose={choose} />
      {words && list.length === 0 && groups.length > 0 && <p class="empty" role="status">{t('emojiNone')}</p>}
    </div>
  );
}
