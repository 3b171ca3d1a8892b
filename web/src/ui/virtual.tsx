// SPDX-License-Identifier: MIT
// A long list of which only what is in sight (and a bit more) is in the page. It keeps the reader's place:
// at the end while the reader is there, else at the line that is at the top, whatever is added above it or
// changes its height. Heights are guessed until they were seen.
import { Component, type ComponentChildren, type RefObject, createRef } from 'preact';

const NEAR = 80; // pixels from an edge that count as being there
const MORE = 1200; // pixels above and below the window that are in the page, too
const STEP = 8;
const GUESS = 48;

export interface VirtualProps<Item> {
  id: string;
  label: string;
  items: readonly Item[];
  keyOf: (item: Item) => string | number;
  render: (item: Item, index: number) => ComponentChildren;
  /** What stands above the first and below the last item. */
  before?: ComponentChildren;
  after?: ComponentChildren;
  /** The reader comes to the top. */
  onTop: () => void;
  /** Whether the reader is at the end, each time that it changes. */
  onEnd: (atEnd: boolean) => void;
  /** Which items are in sight. */
  onSight?: (first: number, last: number) => void;
}

interface Range { from: number; to: number }

export class VirtualList<Item> extends Component<VirtualProps<Item>, Range> {
  override state: Range = { from: 0, to: 0 };
  #scroller = createRef<HTMLDivElement>(); #body = createRef<HTMLDivElement>(); #list = createRef<HTMLUListElement>();
  #heights = new Map<string | number, number>();
  // As it was measured: the items, where each begins and the last one ends, where the list begins.
  #items: readonly Item[] = []; #tops: number[] = [0]; #start = 0;
  #atEnd = true; #top = 0;
  // Which item is to stay where it is: its lower edge, so far below the upper edge of the window. What
  // stands above its text, as the name of a day, may come and go.
  #anchor: { key: string | number; offset: number } | null = null;
  #observer: ResizeObserver | null = null; #frame = 0;

  get scroller(): RefObject<HTMLDivElement> { return this.#scroller; }
  get atEnd(): boolean { return this.#atEnd; }

  override componentDidMount(): void {
    this.#observer = new ResizeObserver(() => this.#settle());
    this.#observer.observe(this.#scroller.current!);
    this.#observer.observe(this.#body.current!);
    this.#settle();
  }

  override componentWillUnmount(): void {
    this.#observer?.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  override componentDidUpdate(): void { this.#settle(); }

  /** Goes to the end, and stays there. */
  toEnd(): void {
    this.#atEnd = true;
    this.#anchor = null;
    this.#settle();
    this.props.onEnd(true);
  }

  /** Shows an item, in the middle of the window if it can be. Whether there is one of that key. */
  show(key: string | number): boolean {
    const index = this.props.items.findIndex((item) => this.props.keyOf(item) === key);
    if (index < 0) return false;
    const box = this.#scroller.current!;
    this.#measure();
    const was = this.#atEnd;
    this.#atEnd = false;
    const height = this.#tops[index + 1]! - this.#tops[index]!;
    this.#anchor = { key, offset: Math.max(height, (box.clientHeight + height) / 2) };
    this.#settle();
    this.#atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
    if (this.#atEnd !== was) this.props.onEnd(this.#atEnd);
    return true;
  }

  // ---- measures

  #measure(): void {
    const { items, keyOf } = this.props;
    for (const node of this.#list.current!.children) {
      const { key } = (node as HTMLElement).dataset;
      if (key === undefined) continue;
      this.#heights.set(key, node.getBoundingClientRect().height);
    }
    const tops = new Array<number>(items.length + 1);
    let top = tops[0] = 0;
    for (let i = 0; i < items.length; i++) tops[i + 1] = top += this.#heights.get(String(keyOf(items[i]!))) ?? GUESS;
    this.#items = items;
    this.#tops = tops;
    this.#start = this.#list.current!.offsetTop; // below what stands before it
  }

  // The item at that height of the list.
  #at(height: number): number {
    let low = 0;
    for (let high = this.#items.length; low < high;) {
      const middle = (low + high) >> 1;
      if (this.#tops[middle + 1]! <= height) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  // ---- the reader's place

  // After anything has changed: measures, puts the reader where they were, shows what is in sight there.
  #settle(): void {
    const box = this.#scroller.current;
    if (!box || !this.#list.current) return;
    // The reader has scrolled, and the event of it is still to come.
    if (Math.abs(box.scrollTop - this.#top) > 1) this.#note();
    this.#measure();
    if (this.#atEnd) box.scrollTop = box.scrollHeight;
    else if (this.#anchor) {
      const index = this.props.items.findIndex((item) => String(this.props.keyOf(item)) === String(this.#anchor!.key));
      if (index >= 0) {
        const wanted = this.#start + this.#tops[index + 1]! - this.#anchor.offset;
        if (Math.abs(box.scrollTop - wanted) > 0.5) box.scrollTop = wanted;
      }
    }
    this.#top = box.scrollTop;
    this.#show();
  }

  #show(): void {
    const box = this.#scroller.current!;
    const { items, onSight } = this.props;
    const height = box.scrollTop - this.#start;
    // In steps, so that not every line that comes into sight draws them all.
    const from = Math.floor(this.#at(height - MORE) / STEP) * STEP;
    const to = Math.min(items.length, Math.ceil((this.#at(height + box.clientHeight + MORE) + 1) / STEP) * STEP);
    if (from !== this.state.from || to !== this.state.to) this.setState({ from, to });
    if (items.length > 0) onSight?.(this.#at(height), Math.min(items.length - 1, this.#at(height + box.clientHeight)));
  }

  // Where the reader is now, by what was measured last.
  #note(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller.current!;
    const was = this.#atEnd;
    // Only who scrolls up leaves the end; lines that grow below leave nobody behind.
    if (scrollHeight - scrollTop - clientHeight < NEAR) this.#atEnd = true;
    else if (scrollTop < this.#top) this.#atEnd = false;
    this.#top = scrollTop;
    const height = scrollTop - this.#start;
    const index = this.#at(height);
    const item = this.#items[index];
    this.#anchor = item ? { key: this.props.keyOf(item), offset: this.#tops[index + 1]! - height } : null;
    if (this.#atEnd !== was) this.props.onEnd(this.#atEnd);
  }

  #scrolled = (): void => {
    if (!this.#scroller.current) return; // the event came after the list had gone
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller.current;
    this.#note();
    if (scrollTop < NEAR && scrollHeight > clientHeight) this.props.onTop();
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#show();
    });
  };

  /** Whether there is more than the window shows. */
  get isFull(): boolean {
    const box = this.#scroller.current;
    return box !== null && box.scrollHeight > box.clientHeight;
  }

  override render({ id, label, items, keyOf, render, before, after }: VirtualProps<Item>, { from, to }: Range) {
    const last = Math.min(Math.max(to, from), items.length);
    const first = Math.min(from, last);
    const tops = this.#tops;
    const known = tops.length - 1;
    const above = tops[Math.min(first, known)]!;
    const below = Math.max(0, tops[known]! - tops[Math.min(last, known)]!);
    return (
      <div id={id} ref={this.#scroller} tabIndex={0} role="region" aria-label={label} onScroll={this.#scrolled}>
        <div id="conversation" ref={this.#body}>
          {before}
          <ul id="log" ref={this.#list} aria-label={label}>
            <Space height={above} />
            {items.slice(first, last).map((item, i) => <li key={keyOf(item)} data-key={keyOf(item)} class="slot">{render(item, first + i)}</li>)}
            <Space height={below} />
          </ul>
          {after}
        </div>
      </div>
    );
  }
}

// What is not in the page. The Content-Security-Policy allows no style attributes; the property is no attribute.
function Space({ height }: { height: number }) {
  return <li class="space" role="presentation" aria-hidden="true" ref={(node) => { if (node) node.style.height = `${height}px`; }} />;
}
