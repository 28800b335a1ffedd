import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findRepository } from '../platform/index.js';
import { protocol, stream, toGuest, toHost } from './protocol.js';

const header = readFileSync(join(findRepository(), 'guest/protocol.h'), 'utf8');

test('every number here is the number of guest/protocol.h, and none is missing', () => {
  const defines = Object.fromEntries(
    [...header.matchAll(/^#define WB_(\w+) +("?)(\w+)\2/gmu)].map(([, name = '', quote, value = '']) => [
      name,
      quote === '"' ? value : Number(value),
    ]),
  );
  assert.deepEqual(defines, protocol);
  assert.deepEqual(numbersOf('wb_stream'), stream);
  assert.deepEqual(numbersOf('wb_to_guest'), toGuest);
  assert.deepEqual(numbersOf('wb_to_host'), toHost);
});

function numbersOf(name: string): Record<string, number> {
  const body = new RegExp(`enum ${name} \\{([^}]*)\\}`, 'u').exec(header)?.[1] ?? '';
  return Object.fromEntries(
    [...body.matchAll(/WB_(\w+) = (\w+)/gu)].map(([, key = '', value = '']) => [key, Number(value)]),
  );
}
