import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findRepository } from '../platform/index.js';
import { findMissingPackages, systemPackages } from './system-packages.js';

test('the guide names each system package, and no other', () => {
  const guide = readFileSync(join(findRepository(), 'docs/guides/setup.md'), 'utf8');
  const section = guide.slice(guide.indexOf('## System packages'), guide.indexOf('## Commands'));
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  const named = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/gu)].map((match) => match[1]));
  assert.deepEqual(new Set(named), new Set<string | undefined>(systemPackages.map(({ name }) => name)));
});

test('a machine without any program in its path lacks those that are programs', () => {
  const path = process.env['PATH'];
  process.env['PATH'] = '/nonexistent';
  try {
    const missing = findMissingPackages().map(({ name }) => name);
    // /usr/sbin is looked at all the same: a plain user's path leaves it out.
    assert.ok(missing.includes('gcc') && missing.includes('zstd'), missing.join());
  } finally {
    process.env['PATH'] = path;
  }
});
