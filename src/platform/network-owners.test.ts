import assert from 'node:assert/strict';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { bridgeMark, findGoneOwners, networkDatabase, networkOwner } from './network-owners.js';
import { runCommand } from './run-command.js';

/** A home of our own, and what a daemon of it would leave: a bridge with a mark, a chain of the firewall. */
let home: string;
let owner: string;
const bridge = `wb-gone-${String(process.pid % 100_000)}`;

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'windowbox-owner-'));
  owner = networkOwner(home);
  await ip('link', 'add', bridge, 'type', 'bridge');
  await ip('link', 'set', 'dev', bridge, 'alias', bridgeMark(owner));
  await runCommand('iptables', ['--wait', '10', '-t', 'nat', '-N', `${owner}-DNAT`], { timeoutMs: 20_000 });
});

after(async () => {
  await ip('link', 'delete', 'dev', bridge);
  await runCommand('iptables', ['--wait', '10', '-t', 'nat', '-X', `${owner}-DNAT`], { timeoutMs: 20_000 });
  await rm(home, { recursive: true });
});

async function ip(...args: string[]): Promise<void> {
  await runCommand('ip', args, { timeoutMs: 10_000 });
}

async function isGone(): Promise<boolean> {
  return (await findGoneOwners()).some((gone) => gone.owner === owner);
}

test('a bridge and rules that neither a daemon nor a container has are told', async () => {
  const found = (await findGoneOwners()).find((gone) => gone.owner === owner);
  assert.deepEqual(found, { owner, bridges: [bridge], hasRules: true });
});

test('those of a home whose database is open are not', async () => {
  const held = await open(join(home, networkDatabase), 'w');
  assert.equal(await isGone(), false);
  await held.close();
  assert.equal(await isGone(), true);
});

test('those with a container on the bridge are not: it may outlive its daemon', async () => {
  const member = `wbm${String(process.pid % 100_000)}`;
  await ip('link', 'add', member, 'type', 'veth', 'peer', 'name', `${member}p`);
  await ip('link', 'set', 'dev', member, 'master', bridge);
  assert.equal(await isGone(), false);
  await ip('link', 'delete', 'dev', member);
  assert.equal(await isGone(), true);
});
