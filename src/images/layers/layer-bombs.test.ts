import assert from 'node:assert/strict';
import { linkSync, mkdirSync, mkdtempSync, rmSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isErrno, isErrorCode } from '../../errors/index.js';
import { tarEnd, tarHeader, type TarHeaderFields, tarPadding } from '../../platform/index.js';
import { exportLayer } from './export-layer.js';
import { type ImportedLayer, importLayer, type ImportOptions } from './import-layer.js';
import { makeWhiteout } from './overlay-marks.js';
import { applyDelta } from './registry-delta.js';
import { parseRegistry } from './registry-text.js';

const folder = mkdtempSync(join(tmpdir(), 'windowbox-bombs-'));
const base = join(folder, 'base');
mkdirSync(join(base, 'drive_c/windows'), { recursive: true });
after(() => {
  rmSync(folder, { recursive: true });
});

/** Linux' usual file systems have a limit of 65000 names a file; some have none. */
function hasLinkLimit(): false | string {
  return statfsSync(folder).type === 0xef53 ? false : 'the folder for temporary files is not on ext4';
}

type Entry = TarHeaderFields & { readonly text?: string };

function* tarOf(entries: Iterable<Entry | Buffer>): Generator<Uint8Array> {
  for (const entry of entries) {
    if (Buffer.isBuffer(entry)) {
      yield entry;
      continue;
    }
    const { text = '', ...fields } = entry;
    yield Buffer.concat([tarHeader({ ...fields, size: text.length }), Buffer.from(text), tarPadding(text.length)]);
  }
  yield tarEnd;
}

async function take(
  entries: Iterable<Entry | Buffer>,
  more: Partial<ImportOptions> = {},
): Promise<ImportedLayer & { readonly place: string }> {
  const place = mkdtempSync(join(folder, 'layer-'));
  const [root, meta] = [join(place, 'root'), join(place, 'meta')];
  const source = async function* (): AsyncGenerator<Uint8Array> {
    yield* tarOf(entries);
  };
  const owner = { uid: 101_000, gid: 101_000 };
  return { ...(await importLayer({ source: source(), root, meta, parents: [base], owner, ...more })), place };
}

/** So many milliseconds of the processor, however busy the machine: far more than linear work needs, far less than other work does. */
async function within<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  const start = process.cpuUsage();
  try {
    return await work();
  } finally {
    const { user, system } = process.cpuUsage(start);
    const took = (user + system) / 1000;
    assert.ok(took < milliseconds, `it took ${String(Math.round(took))} ms`);
  }
}

const deep = (depth: number, name = 'a'): string => `Files/${`${name}/`.repeat(depth)}`;

function* files(count: number, nameOf: (index: number) => string): Generator<Entry> {
  for (let index = 0; index < count; index += 1) yield { name: nameOf(index), type: 'file' };
}

test('an entry in more folders than any Windows program makes is refused, at once', async () => {
  await within(1000, async () =>
    assert.rejects(take([{ name: `${deep(1000)}x`, type: 'file' }]), (error) => {
      assert.ok(isErrorCode(error, 'invalid-argument'));
      assert.match(error.message, /^Cannot unpack layer entry "Files\/a\/a[^"]*…": it is more than 256 folders deep$/u);
      return true;
    }),
  );
  await take([{ name: `${deep(250)}x`, type: 'file' }]);
});

test('many entries far down cost no more than those above, in one folder or in two by turns', async () => {
  const { place } = await within(6000, async () =>
    take(files(500, (index) => `${deep(250, index % 2 ? 'a' : 'b')}f${String(index)}`)),
  );
  await within(6000, async () => {
    for await (const piece of exportLayer({ root: join(place, 'root'), meta: join(place, 'meta') }))
      assert.ok(piece.length > 0);
  });
});

test('thousands of entries in one folder, with the longest names', async () => {
  await within(6000, async () => take(files(5000, (index) => `Files/${'ü'.repeat(120)}${String(index)}`)));
});

test('folders that are made by the hundred for one entry each count against the limit of entries', async () => {
  await assert.rejects(
    take(
      files(100, (index) => `Files/${String(index)}/${'a/'.repeat(200)}x`),
      { maxEntries: 1000 },
    ),
    (error) => isErrorCode(error, 'resource-exhausted'),
  );
});

test('entries that jump between more folders than are kept in memory are refused when that gets costly', async () => {
  const jumping = function* (): Generator<Entry> {
    for (let round = 0; round < 4; round += 1)
      yield* files(200, (index) => `Files/d${String(index)}/f${String(round)}`);
  };
  await take(jumping(), { names: { kept: 40_000 } });
  await assert.rejects(take(jumping(), { names: { kept: 40_000, reread: 300 } }), (error) =>
    isErrorCode(error, 'resource-exhausted'),
  );
});

test('a name of slashes alone is read in no time', async () => {
  const name = `Files/${'/'.repeat(60_000)}x`;
  await within(1000, async () =>
    assert.rejects(take([{ name, type: 'file' }]), (error) => isErrorCode(error, 'invalid-argument')),
  );
});

test('a name that is longer than any system takes is refused by the reader', async () => {
  await assert.rejects(take([{ name: `Files/${'x'.repeat(70_000)}`, type: 'file' }]), (error) =>
    isErrorCode(error, 'invalid-argument'),
  );
});

/** A PAX header of its own, of kind `x` for the next entry or `g` for all. */
function paxHeader(flag: 'x' | 'g', records: Readonly<Record<string, string>>): Buffer {
  const whole = tarHeader({ name: 'n', type: 'file', pax: records });
  const header = Buffer.from(whole.subarray(0, whole.length - 512));
  header.write(flag, 156, 'latin1');
  header.fill(0x20, 148, 156);
  const sum = header.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

const noise = (count: number, prefix: string): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}.${String(index)}`, 'x']));

test('headers before one entry are bounded together, however many they are', async () => {
  const many = function* (): Generator<Buffer> {
    for (let index = 0; index < 2000; index += 1) yield paxHeader('x', noise(100, `k${String(index)}`));
  };
  await within(3000, async () => assert.rejects(take(many()), (error) => isErrorCode(error, 'invalid-argument')));
});

test('headers for all entries are bounded, since each entry pays for them', async () => {
  await within(3000, async () =>
    assert.rejects(
      take([paxHeader('g', noise(5000, 'k')), ...files(2000, (index) => `Files/${String(index)}`)]),
      (error) => isErrorCode(error, 'invalid-argument'),
    ),
  );
  await take([paxHeader('g', { comment: 'a commit' }), { name: 'Files/a', type: 'file' }]);
});

test('hard links far down and their copies are bounded', async () => {
  await within(6000, async () =>
    take([
      { name: `${deep(250)}x`, type: 'file', text: 'x' },
      ...Array.from({ length: 1000 }, (_, index) => ({
        name: `Files/l${String(index)}`,
        type: 'hardlink' as const,
        linkName: `${deep(250)}x`,
      })),
    ]),
  );
});

test('more deletions than a file may have names are kept', { skip: hasLinkLimit() }, async () => {
  const marks = mkdtempSync(join(folder, 'marks-'));
  await makeWhiteout(marks, join(marks, 'first'));
  const fill = (): void => {
    for (let index = 0; ; index += 1) linkSync(join(marks, 'whiteout'), join(marks, String(index)));
  };
  assert.throws(fill, (error) => isErrno(error, 'EMLINK'));
  await makeWhiteout(marks, join(marks, 'last'));
  assert.ok(statSync(join(marks, 'last')).isCharacterDevice());
});

test('security descriptors that are all different are not all kept in memory, and come out again', async () => {
  const descriptors = Array.from({ length: 60 }, (_, index) => Buffer.alloc(3000, index + 1).toString('base64'));
  const { place } = await take(
    descriptors.map((descriptor, index) => ({
      name: `Files/${String(index)}`,
      type: 'file' as const,
      pax: { 'MSWINDOWS.rawsd': descriptor },
    })),
    { metadata: { keptDescriptors: 20_000 } },
  );
  const parts: Uint8Array[] = [];
  for await (const piece of exportLayer({ root: join(place, 'root'), meta: join(place, 'meta') })) parts.push(piece);
  const bytes = Buffer.concat(parts).toString('latin1');
  for (const descriptor of descriptors) assert.ok(bytes.includes(`MSWINDOWS.rawsd=${descriptor}`));
});

test('what is kept beside the files is bounded', async () => {
  const entries = Array.from({ length: 40 }, (_, index) => ({
    name: `Files/${String(index)}`,
    type: 'file' as const,
    pax: { 'X.a': 'x'.repeat(10_000) },
  }));
  await assert.rejects(take(entries, { metadata: { maxBytes: 200_000 } }), (error) => {
    assert.ok(isErrorCode(error, 'resource-exhausted'));
    assert.match(error.message, /^Cannot unpack layer: /u);
    return true;
  });
});

test('a registry change of one value in a million lines is read in no time', async () => {
  const delta = `WINDOWBOX REGISTRY DELTA 1\n[A]\n"v"=hex:${'00,\\\n'.repeat(1_000_000)}00\n`;
  const before = parseRegistry('WINE REGISTRY Version 2\n\n[A] 1\n"a"="b"\n');
  await within(5000, async () => {
    assert.equal(applyDelta(before, delta).keys.get('A')?.values.size, 2);
  });
});
