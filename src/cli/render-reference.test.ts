import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { findRepository } from '../platform/index.js';
import { clientVersion } from './client-version.js';
import { type CommandEntry, commandTable, type CommandTable } from './command-table.js';
import { renderReference } from './render-reference.js';

test('docs/reference/cli.md is what the command definitions give (npm run docs)', async () => {
  const page = readFileSync(`${findRepository()}/docs/reference/cli.md`, 'utf8');
  assert.equal(page, await renderReference(commandTable));
});

test('a command says of itself what the table says of it, and has an example', async () => {
  for (const [path, entry] of leavesOf(commandTable)) {
    const command = await entry.load();
    if (!('execute' in command)) continue;
    assert.equal(command.summary, entry.summary, path);
    assert.ok(command.examples.length > 0, `${path} has no example`);
    for (const { line } of command.examples) assert.match(line, /^windowbox /u, path);
  }
});

test('no two flags of a command share a letter', async () => {
  for (const [path, entry] of leavesOf(commandTable)) {
    const command = await entry.load();
    if (!('execute' in command)) continue;
    const letters = Object.values(command.flags).flatMap(({ short }) => (short === undefined ? [] : [short]));
    assert.equal(new Set(letters).size, letters.length, `${path}: ${letters.join(' ')}`);
  }
});

test('the client’s version is the package’s', () => {
  const manifest: unknown = JSON.parse(readFileSync(`${findRepository()}/package.json`, 'utf8'));
  assert.equal(clientVersion, (manifest as { version: string }).version);
});

function leavesOf(
  table: CommandTable,
  above = '',
): readonly (readonly [string, Extract<CommandEntry, { load: unknown }>])[] {
  return Object.entries(table).flatMap(([name, entry]) =>
    'commands' in entry ? leavesOf(entry.commands, `${above}${name} `) : [[`${above}${name}`, entry] as const],
  );
}
