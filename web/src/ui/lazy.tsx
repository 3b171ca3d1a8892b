// SPDX-License-Identifier: MIT
import type { ComponentChildren, FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';

export type Load<Props = object> = () => Promise<{ default: FunctionComponent<Props> }>;

/** A component that is loaded when it is first shown, and what stands there until then. */
export function lazy<Props extends object>(load: Load<Props>, meanwhile: ComponentChildren = null): FunctionComponent<Props> {
  let known: FunctionComponent<Props> | null = null;
  return (props) => {
    const [View, setView] = useState(() => known);
    useEffect(() => {
      if (!known) void load().then(({ default: view }) => setView(() => (known = view)));
    }, []);
    return View ? <View {...props} /> : <>{meanwhile}</>;
  };
}
