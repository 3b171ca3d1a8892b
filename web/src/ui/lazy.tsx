// SPDX-License-Identifier: MIT
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** A component that is loaded when it is first shown; nothing stands there until then. */
export function lazy<Props extends object>(load: () => Promise<{ default: ComponentType<Props> }>): (props: Props) => preact.JSX.Element | null {
  let known: ComponentType<Props> | null = null;
  return (props) => {
    const [View, setView] = useState(() => known);
    useEffect(() => {
      if (!known) void load().then(({ default: view }) => setView(() => (known = view)));
    }, []);
    return View ? <View {...props} /> : null;
  };
}
