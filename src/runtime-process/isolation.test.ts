import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from '../platform/index.js';
import type { ConnectNetwork, ProcessSpec, Runtime, Sandbox, SandboxSpec } from '../runtime/index.js';
import type { Prepared } from '../runtime/runtime-suite.js';
import { prepareTest } from './test-runtime.js';

let prepared: Prepared;
let home: string;
let runtime: Runtime;

const lent = new Set<string>();
const lender = {
  lend: async () => {
    const name = `wbtest-${randomBytes(4).toString('hex')}`;
    await ip('netns', 'add', name);
    lent.add(`/run/netns/${name}`);
    return `/run/netns/${name}`;
  },
  giveBack: async (path: string) => {
    if (lent.delete(path)) await ip('netns', 'delete', basename(path));
  },
};

before(async () => {
  prepared = await prepareTest({ namespaces: lender });
  home = await mkdtemp(join(tmpdir(), 'windowbox-isolation-'));
  runtime = prepared.make(home);
});

after(async () => {
  for (const id of await runtime.list()) await runtime.purge(id);
  await runtime.close();
  assert.deepEqual([...lent], []);
  assert.deepEqual(await prepared.leftovers(home), []);
  await rm(home, { recursive: true, force: true });
  await prepared.close();
});

test('a Linux program that a container brings reaches nothing of the host', async () => {
  const sandbox = await create('escape', { mode: 'none' });
  const ignored = { onOutput: () => undefined, onExit: () => undefined };
  await sandbox.start(program(1, 'ping -n 1000 127.0.0.1'), ignored);
  await output(sandbox, 'cmd /c C:\\escape.exe > C:\\said.txt', 2);
  // Wine has no handle of a Linux program for cmd to wait on: it may still run when cmd has ended.
  let said = '';
  for (let number = 3; number < 120 && !said.endsWith('done\n'); number++) {
    await sleep(250);
    said = await output(sandbox, 'cmd /c type C:\\said.txt', number);
  }
  const tried = said.trim().split('\n');
  assert.equal(tried.at(-1), 'done', said);
  assert.ok(tried.length > 35, 'every attempt was made');
  assert.deepEqual(
    tried.filter((line) => line.startsWith('GOT')),
    [],
  );
  await sandbox.stop({ keepLayer: false });
});

test('unix paths show the container its own mounts and no more', async () => {
  const sandbox = await create('unix-paths', { mode: 'none' });
  const paths = [
    '\\\\?\\unix\\usr',
    '\\\\?\\unix\\home',
    '\\\\?\\unix\\var',
    `\\\\?\\unix${home.replaceAll('/', '\\')}`,
  ];
  const said = await output(sandbox, `C:\\probe.exe open ${paths.join(' ')}`);
  assert.deepEqual(
    said
      .trim()
      .split('\n')
      .map((line) => line.split(' ').at(-1)),
    ['open', 'closed', 'closed', 'closed'],
  );
  await sandbox.stop({ keepLayer: false });
});

test('init has no capability, no way to new ones, a filter, and another user than the host knows', async () => {
  const sandbox = await create('credentials', { mode: 'none' });
  const status = await readFile(`/proc/${String(sandbox.pid)}/status`, 'utf8');
  for (const line of ['CapEff:\t0000000000000000', 'CapBnd:\t0000000000000000', 'NoNewPrivs:\t1', 'Seccomp:\t2'])
    assert.ok(status.includes(line), line);
  assert.match(status, /^Uid:\t101000\t/mu);
  await sandbox.stop({ keepLayer: false });
});

for (const from of ['nothing', 'a prepared sandbox'])
  test(`a sandbox made from ${from} has the network of its namespace`, async () => {
    const link = `wb${String(process.pid)}`;
    let path = '';
    try {
      if (from !== 'nothing') {
        runtime.expect({ lower: prepared.lower });
        await until(() => lent.size > 0);
      }
      const connect: ConnectNetwork = async (namespace) => {
        assert.equal(namespace !== undefined, from !== 'nothing');
        path = namespace ?? (await lender.lend());
        const name = basename(path);
        await ip('link', 'add', `${link}h`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
        await ip('-n', name, 'address', 'add', '10.213.77.2/24', 'dev', 'eth0');
        await ip('-n', name, 'link', 'set', 'eth0', 'up');
        await ip('-n', name, 'route', 'add', 'default', 'via', '10.213.77.1');
        const dns = { servers: ['10.213.77.1'], search: ['example.test'] };
        return { mode: 'namespace', path, dns, hosts: [{ name: 'web', address: '10.213.77.3' }] };
      };
      const sandbox = await create(`network-${String(from.length)}`, connect, from !== 'nothing');
      const seen = await output(sandbox, 'ipconfig /all');
      assert.match(seen, /10\.213\.77\.2/u);
      await sandbox.stop({ keepLayer: false });
    } finally {
      await lender.giveBack(path);
      await ip('link', 'delete', `${link}h`).catch(() => undefined);
    }
  });

test('a prepared sandbox whose network cannot be had is gone, and its namespace too', async () => {
  runtime.expect({ lower: prepared.lower });
  await until(() => lent.size > 0);
  let taken = '';
  const refused = create('refused', async (namespace) => {
    taken = namespace ?? '';
    return Promise.reject(new Error('no such network'));
  });
  await assert.rejects(refused, /no such network/u);
  assert.match(taken, /wbtest-/u);
  assert.equal(lent.has(taken), false);
  assert.deepEqual(await runtime.list(), []);
});

async function ip(...args: readonly string[]): Promise<string> {
  return (await runCommand('ip', args, { timeoutMs: 10_000 })).stdout;
}

async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; !holds() && turn < 300; turn += 1) await sleep(100);
  assert.ok(holds());
}

async function create(id: string, network: SandboxSpec['network'], pristine = true): Promise<Sandbox> {
  return runtime.create({
    id,
    hostname: id,
    layer: { lower: prepared.lower, folder: join(home, 'layers', id) },
    pristine,
    mounts: [],
    resources: { memory: 0, nanoCpus: 0, cpuShares: 0, pidsLimit: 0 },
    network,
  });
}

/** What a program printed. When the one of number 1 ends, so does the sandbox. */
async function output(sandbox: Sandbox, command: string, number = 1): Promise<string> {
  let text = '';
  await new Promise<void>((resolve, reject) => {
    sandbox
      .start(program(number, command), {
        onOutput: ({ data }) => {
          text += Buffer.from(data).toString();
        },
        onExit: () => {
          resolve();
        },
      })
      .catch(reject);
  });
  return text.replaceAll('\r', '');
}

function program(number: number, command: string): ProcessSpec {
  return { number, command, cwd: 'C:\\', env: {}, user: 'ContainerUser', stdin: false };
}
