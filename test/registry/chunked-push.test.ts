import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { openStore, putImage, registry } from '../helpers/registry-world.js';
import { type Between, type Meddling, standBetween } from '../helpers/stand-between.js';
import { registryTest } from '../helpers/start-registry.js';

const piece = 16 << 20;

registryTest('a large layer is sent in pieces, none shorter than the registry wants', async () => {
  const usual = await pushLarge('usual', () => ({}));
  assert.deepEqual(rangesOf(usual), [
    `PATCH 0-${String(piece - 1)}`,
    `PATCH ${String(piece)}-${String(2 * piece - 1)}`,
    usual.end,
  ]);
  const wanted = 24 << 20;
  const longer = await pushLarge('longer', ({ method }) =>
    method === 'POST' ? { headers: { 'oci-chunk-min-length': String(wanted) } } : {},
  );
  assert.deepEqual(rangesOf(longer), [`PATCH 0-${String(wanted - 1)}`, longer.end]);
});

const second = `PATCH ${String(piece)}-${String(2 * piece - 1)}`;
const breaks: readonly (readonly [what: string, at: string, meddling: Meddling, again: RegExp])[] = [
  ['before any of a piece came', 'PATCH', { breakAfter: 0 }, new RegExp(`^GET,${second},PUT`, 'u')],
  ['after a part of a piece that the registry keeps', 'PATCH', { takePart: 1000 }, /^GET,PATCH 16778216-33554431,PUT/u],
  ['before the answer to a piece', 'PATCH', { loseAnswer: true }, /^GET,PUT 33554432-/u],
  ['in a piece of which the registry keeps nothing', 'PATCH', { breakAfter: 1000 }, /^GET,HEAD,POST,PATCH 0-.*,PUT/u],
  ['before the answer to the last piece', 'PUT', { loseAnswer: true }, /^GET,HEAD$/u],
];
for (const [what, at, meddling, again] of breaks)
  registryTest(`an upload that breaks ${what} goes on where the registry says, or begins anew`, async () => {
    const repository = `broken-${what.replaceAll(' ', '-')}`;
    let hasBroken = false;
    const pushed = await pushLarge(repository, ({ method, headers }) => {
      const start = Number.parseInt(headers['content-range'] ?? '0', 10);
      if (hasBroken || method !== at || start < piece) return {};
      hasBroken = true;
      return meddling;
    });
    assert.ok(hasBroken);
    const large = pushed.passed.slice(0, pushed.passed.lastIndexOf('POST'));
    const broke = large.findIndex((one) => one.startsWith(at === 'PUT' ? 'PUT 33554432-' : second));
    assert.match(large.slice(broke + 1).join(), again);
  });

interface Pushed {
  readonly passed: Between['passed'];
  /** The last piece. */
  readonly end: string;
}

/** Pushes an image whose layer has two pieces and a bit, and pulls it again. */
async function pushLarge(repository: string, meddle: Parameters<typeof standBetween>[1]): Promise<Pushed> {
  const store = await openStore();
  const between = await standBetween(registry.host, meddle);
  try {
    await putImage({ repository, tag: '1', files: { 'a.bin': large } });
    const id = await store.pull(`${registry.host}/${repository}:1`);
    await store.tag(id, `${between.host}/${repository}-sent:1`);
    await store.push(`${between.host}/${repository}-sent:1`);
    const other = await openStore();
    assert.equal(await other.pull(`${registry.host}/${repository}-sent:1`), id);
    other.close();
  } finally {
    await between.stop();
    store.close();
  }
  return { passed: between.passed, end: between.passed.findLast((one) => one.startsWith('PUT ')) ?? '' };
}

function rangesOf({ passed }: Pushed): readonly string[] {
  return passed.filter((one) => one.includes(' '));
}

const large = randomBytes(28 << 20).toString('latin1');
