// Whether a page can be used by everybody, as far as axe-core can tell: WCAG 2.2 A and AA, what is serious or worse.
//
//   await checkAccess(visitor.page);                 // throws with what is wrong, and where
//   await checkAccess(visitor.page, '#settings-screen');
//   await checkAccess(visitor.page, 'dialog', ['color-contrast']);      // only that, where the rest is known: in another theme
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

export async function checkAccess(page, within = 'body', rules = undefined) {
  // By the debugger: the page's own policy lets no such script in.
  if (!await page.evaluate(() => 'axe' in globalThis)) await page.evaluate(source);
  const found = await page.evaluate(async ([selector, runOnly]) => {
    // What still moves has colours of its own.
    await Promise.all(document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity).map(({ finished }) => finished.catch(() => {})));
    const { violations } = await globalThis.axe.run(selector, { runOnly, resultTypes: ['violations'] });
    return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, help, nodes }) => ({
      id, help, nodes: nodes.slice(0, 5).map(({ html, failureSummary }) => `${html.slice(0, 200)}\n      ${failureSummary.split('\n').slice(1, 3).join(' ')}`),
    }));
  }, [within, rules ? { type: 'rule', values: rules } : { type: 'tag', values: TAGS }]);
  if (found.length > 0) throw new Error(`axe: ${found.map(({ id, help, nodes }) => `${id}: ${help}\n    ${nodes.join('\n    ')}`).join('\n  ')}`);
}
