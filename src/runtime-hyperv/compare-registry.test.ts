import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isSameRegistry } from './compare-registry.js';

const base = String.raw`WINE REGISTRY Version 2
;; All keys relative to \\Machine

#arch=win64

[Software\\Fonts] 1700000000
#time=1da1c2d3e4f5a6b
"Tahoma (TrueType)"="Z:\\usr\\share\\wine\\fonts\\tahoma.ttf"
"b"=dword:00000001
"a"=hex:01,02,\
  03

[System\\ControlSet001\\Services\\Tcpip\\Parameters] 1700000000
"Hostname"="vm"
"Domain"="x"
`;

const rows: readonly (readonly [string, (text: string) => string, boolean])[] = [
  ['the same', (text) => text, true],
  ['other times', (text) => text.replaceAll('1700000000', '1800000000').replace('1da1c2d3', '2ea1c2d3'), true],
  [
    'values in another order',
    (text) => text.replace('"b"=dword:00000001\n', '').replace('  03\n', '  03\n"b"=dword:00000001\n'),
    true,
  ],
  ['a font of Wine’s by its other name', (text) => text.replace('"Z:\\\\', '"\\\\??\\\\unix\\\\'), true],
  ['another computer', (text) => text.replace('"Hostname"="vm"', '"Hostname"="box"\n"NV Hostname"="box"'), true],
  ['another value', (text) => text.replace('00000001', '00000002'), false],
  ['another end of a long value', (text) => text.replace('  03', '  04'), false],
  ['a value less', (text) => text.replace('"Domain"="x"\n', ''), false],
  ['a key more', (text) => `${text}\n[Software\\\\New] 1\n`, false],
  ['a host name elsewhere', (text) => text.replace('"b"=', '"Hostname"="x"\n"b"='), false],
  ['rubbish', () => '\u0000\u0001', false],
];

for (const [name, change, same] of rows)
  test(`a registry with ${name} is ${same ? 'the same' : 'different'}`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'windowbox-registry-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'base.reg'), base);
    await writeFile(join(folder, 'own.reg'), change(base));
    assert.equal(await isSameRegistry(join(folder, 'base.reg'), join(folder, 'own.reg')), same);
  });
