import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wantsColour } from './colour.js';
import { formatResult } from './print-result.js';
import { formatCsv, formatMarkdown, formatTable, type Table } from './table.js';

const table: Table = {
  columns: ['NAME', 'STATE', ''],
  rows: [
    ['a', { text: 'allowed', colour: 'green' }, 'x'],
    ['longer, name', 'no "way" | out', ''],
  ],
};

test('columns are aligned three spaces apart, without spaces at the ends of lines', () => {
  assert.equal(
    formatTable(table, { colour: false }),
    'NAME           STATE\na              allowed          x\nlonger, name   no "way" | out\n',
  );
});

test('colour changes no column', () => {
  const plain = formatTable(table, { colour: true }).replaceAll('\u001B[32m', '').replaceAll('\u001B[39m', '');
  assert.equal(plain, formatTable(table, { colour: false }));
  assert.ok(formatTable(table, { colour: true }).includes('\u001B[32mallowed\u001B[39m'));
});

test('Markdown and CSV escape what would end a cell', () => {
  assert.equal(formatMarkdown(table).split('\n')[3], String.raw`| longer, name | no "way" \| out |  |`);
  assert.equal(formatCsv(table).split('\n')[2], '"longer, name","no ""way"" | out",');
});

test('colours are for terminals, and not with NO_COLOR', () => {
  assert.ok(wantsColour({ isTTY: true }, {}));
  assert.ok(wantsColour({ isTTY: true }, { NO_COLOR: '' }));
  assert.ok(!wantsColour({ isTTY: true }, { NO_COLOR: '1' }));
  assert.ok(!wantsColour({ isTTY: true }, { TERM: 'dumb' }));
  assert.ok(!wantsColour({}, {}));
});

test('sentences around a table are for people only', () => {
  const result = { table, before: 'before\n', after: 'after\n', json: [1] };
  assert.match(formatResult(result, {}, false), /^before\nNAME[^]*after\n$/u);
  assert.equal(formatResult(result, { json: true }, true), '[\n  1\n]\n');
  assert.doesNotMatch(formatResult(result, { csv: true }, true), /before|after/u);
});
