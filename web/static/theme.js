// SPDX-License-Identifier: MIT
// Light, dark or high contrast, before anything is drawn: what was chosen on this device, else what the system
// has. Runs before the page's own scripts; `maru:theme` tells that something else was chosen.
(() => {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const more = matchMedia('(prefers-contrast: more)');
  const apply = () => {
    let chosen = null;
    try {
      chosen = localStorage.getItem('maru.theme');
    } catch { /* not allowed here: as the system has it */ }
    const shade = chosen === 'light' || chosen === 'dark' ? chosen : dark.matches ? 'dark' : 'light';
    const strong = chosen === 'contrast' || (!chosen && more.matches);
    document.documentElement.dataset.theme = strong ? `contrast-${shade}` : shade;
  };
  apply();
  dark.addEventListener('change', apply);
  more.addEventListener('change', apply);
  addEventListener('storage', apply);
  addEventListener('maru:theme', apply);
})();
