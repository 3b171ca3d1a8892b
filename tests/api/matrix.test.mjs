// Who may do what: each cell of matrix.txt. How it is tried stands in matrix.mjs.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { startStack } from '../harness.mjs';
import { MATRIX_CONF, checkTable, closeMatrix, openMatrix, readTable, tryLine } from './matrix.mjs';

const table = readTable();
const stack = await startStack({ conf: MATRIX_CONF });
const matrix = await openMatrix(stack);
let tried = 0;
after(async () => {
  closeMatrix(matrix);
  await stack.stop();
});

test('the table has every route, every kind of room and every role', () => {
  assert.deepEqual(checkTable(table), []);
});

for (const line of table) {
  test(`${line.name}, ${line.kind}`, async () => {
    const result = await tryLine(matrix, line);
    tried += result.tried;
    assert.deepEqual(result.deviations, []);
  });
}

test('every cell was tried', () => {
  assert.equal(tried, table.reduce((sum, { cells }) => sum + Object.keys(cells).length, 0));
});
