import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editRegistry, type RegistryValue } from './registry-file.js';

const registry = String.raw`WINE REGISTRY Version 2
;; All keys relative to REGISTRY\\Machine

#arch=win64

[Software\\Microsoft\\Windows NT\\CurrentVersion] 1795470066
#time=1dd7b9358420f9a
"CurrentBuild"="19043"
"DigitalProductId"=hex:00,00,\
  00,00
"EditionId"="Professional"

[Software\\Microsoft\\Windows NT\\CurrentVersion\\AeDebug] 1795470065
"Auto"="1"
`;
const key = String.raw`Software\Microsoft\Windows NT\CurrentVersion`;
const text = (value: string): RegistryValue => ({ type: 'text', text: value });

test('a value takes the place of the one of that name, whatever its case, and the others stay, long ones too', () => {
  const edited = editRegistry(registry, [{ key, values: { EditionID: text('Nano'), CurrentBuild: text('26100') } }]);
  const expected = registry
    .replace('"CurrentBuild"="19043"\n', '')
    .replace('"EditionId"="Professional"', '"EditionID"="Nano"\n"CurrentBuild"="26100"');
  assert.equal(edited, expected);
});

test('a key is found without regard to case, and one that only begins the same is left alone', () => {
  const edited = editRegistry(registry, [{ key: key.toUpperCase(), values: { Auto: text('0') } }]);
  assert.match(edited, /"EditionId"="Professional"\n"Auto"="0"\n\n\[/u);
  assert.match(edited, /AeDebug\] 1795470065\n"Auto"="1"\n$/u);
});

test('a key that is not there is added at the end', () => {
  const edited = editRegistry(registry, [
    { key: String.raw`Software\New`, values: { A: { type: 'number', number: 10 } } },
  ]);
  assert.ok(edited.startsWith(registry.trimEnd()));
  assert.ok(edited.endsWith('\n\n[Software\\\\New] 0\n"A"=dword:0000000a\n'));
});

test('undefined removes a value', () => {
  const edited = editRegistry(registry, [{ key, values: { DigitalProductId: undefined } }]);
  assert.equal(edited, registry.replace(/"DigitalProductId".*\n.*\n/u, ''));
});

const forms: readonly (readonly [RegistryValue, string])[] = [
  [text('a"b\\c'), String.raw`"a\"b\\c"`],
  [{ type: 'expand', text: '%SystemRoot%\\system32' }, String.raw`str(2):"%SystemRoot%\\system32"`],
  [{ type: 'number', number: 0xffff_ffff }, 'dword:ffffffff'],
];
for (const [value, written] of forms)
  test(`${JSON.stringify(value)} is written as Wine reads it`, () => {
    assert.ok(editRegistry(registry, [{ key, values: { V: value } }]).includes(`"V"=${written}\n`));
  });

test('editing twice is the same as once', () => {
  const edits = [{ key, values: { CurrentBuild: text('17763') } }];
  const once = editRegistry(registry, edits);
  assert.equal(editRegistry(once, edits), once);
});
