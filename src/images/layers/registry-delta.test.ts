import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, constantFrom, property, tuple } from 'fast-check';
import { applyDelta, registryDelta } from './registry-delta.js';
import { formatRegistry, parseRegistry } from './registry-text.js';

const heading = 'WINE REGISTRY Version 2\n;; All keys relative to REGISTRY\\\\Machine\n\n#arch=win64\n\n';
const base = `${heading}[Software\\\\Wine] 1700000000
#time=1da0f00
"Version"="win10"
@="default"
"Bin"=hex:00,01,\\
  02,03

[Software\\\\Gone] 1700000000
#time=1da0f00
"x"=dword:00000001
`;
const changed = `${heading}[software\\\\wine] 1800000000
#time=1da0fff
"version"="win11"
@="default"
"Bin"=hex:00,01,\\
  02,04

[Software\\\\New] 1800000000
#class="c"
"a]\\"=b"="\\\\"
`;

test('the same registry at another time has no changes', () => {
  const later = base.replaceAll('1700000000', '1800000000').replaceAll('1da0f00', '1da0fff');
  assert.equal(registryDelta(parseRegistry(base), parseRegistry(later)), '');
});

test('what a start in a utility VM writes of its processors and its zone is no change; another zone is one', () => {
  const control = String.raw`[System\\ControlSet001\\Control`;
  const text = (processor: string, zone: string, name: string): string =>
    `${heading}${control}\\\\Session Manager\\\\Environment] 1\n"PROCESSOR_LEVEL"="${processor}"\n"NUMBER_OF_PROCESSORS"="${processor}"\n"A"="a"\n\n` +
    `${control}\\\\TimeZoneInformation] 1\n"StandardName"="${name}"\n"TimeZoneKeyName"="${zone}"\n`;
  const before = parseRegistry(text('6', '', '@tzres.dll,-1'));
  assert.equal(registryDelta(before, parseRegistry(text('15', 'UTC', 'Coordinated Universal Time'))), '');
  assert.match(registryDelta(before, parseRegistry(text('6', 'Tokyo Standard Time', 'Tokyo'))), /Tokyo Standard Time/u);
  const others = parseRegistry(text('6', '', '@tzres.dll,-1').replace('"A"="a"', '"A"="b"'));
  assert.match(registryDelta(before, others), /"A"="b"/u);
});

test('a delta names what is new, changed and gone, and applied gives the new registry', () => {
  const delta = registryDelta(parseRegistry(base), parseRegistry(changed));
  assert.equal(
    delta,
    `WINDOWBOX REGISTRY DELTA 1
-[Software\\\\Gone]
[Software\\\\New]
"a]\\"=b"="\\\\"
#class="c"
[software\\\\wine]
"Bin"=hex:00,01,\\
  02,04
"version"="win11"
`,
  );
  const applied = applyDelta(parseRegistry(base), delta);
  assert.equal(registryDelta(applied, parseRegistry(changed)), '');
  assert.equal(registryDelta(parseRegistry(formatRegistry(applied)), parseRegistry(changed)), '');
});

test('a deleted value stays deleted on another base', () => {
  const without = base.replace('@="default"\n', '');
  const delta = registryDelta(parseRegistry(base), parseRegistry(without));
  const other = base.replace('"win10"', '"win7"');
  const text = formatRegistry(applyDelta(parseRegistry(other), delta));
  assert.match(text, /"Version"="win7"/u);
  assert.doesNotMatch(text, /@=/u);
});

test('any two registries: the delta of the first to the second, applied to the first, gives the second', () => {
  const value = tuple(
    constantFrom('"a"', '"B"', '@', '"c\\\\"'),
    constantFrom('"x"', 'dword:00000001', 'hex:00,\\\n  01'),
  );
  const key = tuple(constantFrom('A', 'a\\\\b', 'C]d', 'E'), array(value, { maxLength: 4 }));
  const registry = array(key, { maxLength: 4 }).map(
    (keys) =>
      heading +
      keys.map(([path, values]) => `[${path}] 1\n${values.map((pair) => `${pair.join('=')}\n`).join('')}\n`).join(''),
  );
  check(
    property(registry, registry, (first, second) => {
      const [before, after] = [parseRegistry(first), parseRegistry(second)];
      const delta = registryDelta(before, after);
      if (delta !== '') assert.equal(registryDelta(applyDelta(before, delta), after), '');
    }),
  );
});

test('what Wine notes of the machine and of this container is no change', () => {
  const noise = String.raw`${base}
[Volatile Environment] 1
"USERDOMAIN"="C0FFEE"

[System\\ControlSet001\\Control\\ComputerName\\ComputerName] 1
"ComputerName"="C0FFEE"

[Software\\Microsoft\\Windows NT\\CurrentVersion\\Fonts] 1
"Marlett (TrueType)"="\\??\\unix\\usr\\share\\wine\\fonts\\marlett.ttf"

[System\\ControlSet001\\Services\\Tcpip\\Parameters] 1
"Hostname"="c0ffee"
`;
  const before = base.concat(
    '\n[Software\\\\Microsoft\\\\Windows NT\\\\CurrentVersion\\\\Fonts] 1\n\n[System\\\\ControlSet001\\\\Services\\\\Tcpip\\\\Parameters] 1\n',
  );
  assert.equal(registryDelta(parseRegistry(before), parseRegistry(noise)), '');
});
