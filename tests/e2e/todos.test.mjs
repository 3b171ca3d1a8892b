// What is to be done: in a room, seen by two, and by oneself.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../harness.mjs';
import { checkAccess } from './axe.mjs';
import { holdAnswer, openParty } from './roomkit.mjs';

describe('to-dos', { timeout: 240000 }, () => {
  let party, rest, room, ann, bora;

  const openOf = ({ page }) => page.locator('.todo-list').first().locator('label').allTextContents();
  const sees = async (visitor, wanted) => {
    await until(async () => JSON.stringify(await openOf(visitor)) === JSON.stringify(wanted), 10000).catch(() => {});
    assert.deepEqual(await openOf(visitor), wanted);
  };

  before(async () => {
    party = await openParty();
    ({ rest, room } = party);
    ann = await party.open('ann');
    bora = await party.open('bora', { locale: 'ko-KR', colorScheme: 'dark', viewport: { width: 390, height: 844 } });
  });
  after(() => party?.close());

  test('what one adds the other sees at once, on a phone, too', async () => {
    await ann.page.getByRole('button', { name: 'To-dos' }).click();
    await ann.page.getByText('Nothing to be done here.').waitFor();
    await bora.page.getByRole('button', { name: '할 일' }).click();
    for (const text of ['boil water', 'warm the cups', 'pour']) {
      await ann.page.getByLabel('What is to be done?').fill(text);
      await ann.page.keyboard.press('Enter');
      await ann.page.locator('.todo-list label', { hasText: text }).waitFor();
    }
    for (const visitor of [ann, bora]) await sees(visitor, ['pour', 'warm the cups', 'boil water']);
  });

  test('it is moved by keyboard, by menu and by mouse', async () => {
    const { page } = ann;
    await page.getByRole('checkbox', { name: 'pour' }).focus();
    await page.keyboard.press('Alt+ArrowDown');
    for (const visitor of [ann, bora]) await sees(visitor, ['warm the cups', 'pour', 'boil water']);
    await page.getByRole('button', { name: 'More about boil water' }).click();
    await page.getByRole('menuitem', { name: 'Move up' }).click();
    for (const visitor of [ann, bora]) await sees(visitor, ['warm the cups', 'boil water', 'pour']);
    await page.locator('.todo-list li', { hasText: 'warm the cups' }).dragTo(page.locator('.todo-list li', { hasText: 'boil water' }));
    for (const visitor of [ann, bora]) await sees(visitor, ['boil water', 'warm the cups', 'pour']);
  });

  test('it gets a day and somebody who does it; what is late says so', async () => {
    const { page } = ann;
    await page.getByRole('button', { name: 'More about pour' }).click();
    await page.getByRole('menuitem', { name: 'Change' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change' });
    await dialog.getByLabel('What is to be done').fill('pour the tea');
    await dialog.getByLabel('Until').fill('2026-01-02');
    await dialog.getByLabel('Who does it').selectOption({ label: '보라' });
    await checkAccess(page);
    await dialog.getByRole('button', { name: 'Save' }).click();
    const row = bora.page.locator('.todo-list li', { hasText: 'pour the tea' });
    await row.getByText('보라님이 맡음').waitFor({ state: 'attached' });
    await row.locator('time.late').waitFor();
    await checkAccess(page);
    await checkAccess(bora.page);
  });

  test('what is ticked goes to what is done, and comes back', async () => {
    await bora.page.getByRole('checkbox', { name: 'boil water' }).click();
    await ann.page.getByText('Done (1)').click();
    const done = ann.page.getByRole('checkbox', { name: 'boil water' });
    assert.ok(await done.isChecked());
    await sees(ann, ['warm the cups', 'pour the tea']);
    await done.click();
    await sees(bora, ['boil water', 'warm the cups', 'pour the tea']);
  });

  test('only who wrote it and who keeps order take it off; Escape closes, and the focus goes back', async () => {
    await bora.page.getByRole('button', { name: 'pour the tea 메뉴' }).click();
    await bora.page.getByRole('menuitem', { name: '바꾸기' }).waitFor();
    assert.equal(await bora.page.getByRole('menuitem', { name: '지우기' }).count(), 0);
    await bora.page.keyboard.press('Escape');
    await ann.page.getByRole('button', { name: 'More about pour the tea' }).click();
    await ann.page.getByRole('menuitem', { name: 'Take off' }).click();
    await sees(bora, ['boil water', 'warm the cups']);
    await ann.page.keyboard.press('Escape');
    await ann.page.locator('#todos').waitFor({ state: 'detached' });
    assert.equal(await ann.page.evaluate(() => document.activeElement.id), 'todos-toggle');
  });

  test('what one has to do oneself stands on the own page, on all devices', async () => {
    await ann.page.evaluate(() => { location.hash = '#/me'; });
    await ann.page.getByLabel('What is to be done?').fill('buy tea');
    await ann.page.keyboard.press('Enter');
    await sees(ann, ['buy tea']);
    const [{ id }] = (await rest.ann.get('/v1/todos')).body.todos;
    await rest.ann.patch(`/v1/todos/${id}`, { text: 'buy more tea' });
    await sees(ann, ['buy more tea']);
    await checkAccess(ann.page);
    assert.deepEqual((await rest.bora.get('/v1/todos')).body.todos, []);
  });

  test('what one begins to write while another one is on its way stays in the field', async () => {
    const { page } = ann;
    const field = page.getByLabel('What is to be done?');
    const { letGo } = await holdAnswer(ann, '**/v1/todos');
    await field.fill('wash the pot');
    await page.keyboard.press('Enter');
    await page.locator('.todo-list label', { hasText: 'wash the pot' }).waitFor(); // an event has told it before the answer
    await field.fill('dry it');
    const answer = page.waitForResponse('**/v1/todos');
    await letGo();
    await (await answer).finished();
    await page.evaluate(async () => { await (await fetch('/v1/time')).text(); }); // what is answered later than that
    assert.equal(await field.inputValue(), 'dry it');
    await page.keyboard.press('Enter');
    await sees(ann, ['dry it', 'wash the pot', 'buy more tea']);
    await until(async () => await field.inputValue() === '');
  });

  test('what could not be added is said, and stays in the field', async () => {
    ann.expects = [/409/];
    await party.stack.sql(`INSERT INTO todo (kind, list, id, place, text, author, client_id, created_at)
      SELECT 2, ${party.users.ann.id}, 100000 + seq, 1000 * seq, 'x', ${party.users.ann.id}, seq, UTC_TIMESTAMP(3) FROM seq_1_to_199`);
    await ann.page.getByLabel('What is to be done?').fill('one more');
    await ann.page.keyboard.press('Enter');
    await ann.page.locator('.todos .error').getByText(/./).waitFor();
    assert.equal(await ann.page.getByLabel('What is to be done?').inputValue(), 'one more');
    assert.ok(room > 0);
  });

  test('nothing else was written to the console', () => {
    ann.checkSilence();
    bora.checkSilence();
  });
});
