import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  mismatchAtStart,
  newerImageAtPull,
  noMatchingManifest,
  parseEngineVersion,
  processRefusedOnClient,
  rulesets,
} from '../../src/rules/index.js';

const repository = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const page = readFileSync(join(repository, 'docs/reference/rulesets.md'), 'utf8');
const host = { major: 10, minor: 0, build: 17763 };

test('docs/reference/rulesets.md names every ruleset, and no other', () => {
  const named = [...page.matchAll(/^\| `(?<name>[a-z-]+)` +\|/gmu)].map(({ groups }) => groups?.['name']);
  assert.deepEqual(
    named,
    rulesets.map(({ name }) => name),
  );
});

test('docs/reference/rulesets.md quotes Docker’s words as the code has them', () => {
  const texts = ['17.03.0', '17.04.0', '18.06.0', '18.09.6', '28.0.0'].map((engine) =>
    noMatchingManifest(parseEngineVersion(engine), host),
  );
  texts.push(
    mismatchAtStart({ engine: parseEngineVersion('18.06.0'), containerId: '<id>' }),
    mismatchAtStart({ engine: parseEngineVersion('18.09.0'), containerId: '<id>' }),
    newerImageAtPull(parseEngineVersion('18.04.0'), { major: 10, minor: 0, build: 20348 }, host) ?? 'none',
    processRefusedOnClient(parseEngineVersion('18.09.0'), 18363) ?? 'none',
    processRefusedOnClient(parseEngineVersion('18.09.1'), 17134) ?? 'none',
  );
  for (const text of texts) assert.ok(page.includes(`\`${text}\``), text);
});
