// SPDX-License-Identifier: MIT
import { Component, h, type FunctionComponent } from 'preact';

/** Draws a component again only if one of its properties is another one. */
export function memo<Props extends object>(view: FunctionComponent<Props>): FunctionComponent<Props> {
  class Memo extends Component<Props> {
    override shouldComponentUpdate(next: Props): boolean {
      return (Object.keys(next) as (keyof Props)[]).some((name) => next[name] !== (this.props as Props)[name]);
    }
    override render(props: Props) { return h(view, props); }
  }
  return Memo as unknown as FunctionComponent<Props>;
}
