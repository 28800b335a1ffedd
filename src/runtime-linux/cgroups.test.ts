import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { applyLimits, countMemoryKills, findHierarchies, freeze, readStats } from './index.js';

/** Files of a cgroup as the kernel shows them, in a folder: this machine has one layout, and all three must work. */
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'windowbox-cgroups-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const layouts = [
  {
    name: 'version 1',
    mounts: {
      memory: 'cgroup memory',
      cpu: 'cgroup cpu,cpuacct',
      pids: 'cgroup pids',
      blkio: 'cgroup blkio',
      freezer: 'cgroup freezer',
    },
    memoryLimit: ['memory/c/memory.limit_in_bytes', '1000000'],
    cpuLimit: ['cpu/c/cpu.cfs_quota_us', '150000'],
    cpuWeight: ['cpu/c/cpu.shares', '512'],
    pidsLimit: ['pids/c/pids.max', '50'],
    counters: {
      'memory/c/memory.usage_in_bytes': '9000\n',
      'memory/c/memory.max_usage_in_bytes': '9500\n',
      'memory/c/memory.stat': 'total_rss 4000\ntotal_inactive_file 1000\n',
      'memory/c/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n',
      'cpu/c/cpuacct.usage': '7000000\n',
      'cpu/c/cpuacct.usage_user': '5000000\n',
      'cpu/c/cpuacct.usage_sys': '2000000\n',
      'pids/c/cgroup.procs': '10\n11\n',
      'blkio/c/blkio.throttle.io_service_bytes_recursive': '8:0 Read 100\n8:0 Write 200\n8:16 Read 1\nTotal 301\n',
      'blkio/c/blkio.throttle.io_serviced_recursive': '8:0 Read 5\n8:0 Write 6\n',
    },
  },
  {
    name: 'version 2',
    mounts: { all: 'cgroup2' },
    memoryLimit: ['all/c/memory.max', '1000000'],
    cpuLimit: ['all/c/cpu.max', '150000 100000'],
    cpuWeight: ['all/c/cpu.weight', '20'],
    pidsLimit: ['all/c/pids.max', '50'],
    counters: {
      'all/c/memory.current': '9000\n',
      'all/c/memory.peak': '9500\n',
      'all/c/memory.stat': 'anon 4000\ninactive_file 1000\n',
      'all/c/memory.events': 'low 0\noom 4\noom_kill 3\n',
      'all/c/cpu.stat': 'usage_usec 7000\nuser_usec 5000\nsystem_usec 2000\n',
      'all/c/cgroup.procs': '10\n11\n',
      'all/c/io.stat': '8:0 rbytes=100 wbytes=200 rios=5 wios=6\n8:16 rbytes=1 wbytes=0 rios=0 wios=0\n',
    },
  },
] as const;

for (const layout of layouts) {
  test(`limits reach the files of ${layout.name}`, async () => {
    const expected = [layout.memoryLimit, layout.cpuLimit, layout.cpuWeight, layout.pidsLimit];
    const cgroup = await makeCgroup(layout.mounts, {
      'cpu/c/cpu.cfs_period_us': '',
      ...Object.fromEntries(expected.map(([file]) => [file, ''])),
    });
    await applyLimits(cgroup, { memory: 1_000_000, nanoCpus: 1_500_000_000, cpuShares: 512, pidsLimit: 50 });
    for (const [file, value] of expected) assert.equal(await readFile(join(root, file), 'utf8'), value, file);
  });

  test(`counters are read from the files of ${layout.name}`, async () => {
    const cgroup = await makeCgroup(layout.mounts, layout.counters);
    const { readAt, ...stats } = await readStats(cgroup);
    assert.ok(Math.abs(Date.now() - readAt) < 10_000);
    assert.deepEqual(stats, {
      processCount: 2,
      cpuTotal: 7_000_000,
      cpuUser: 5_000_000,
      cpuKernel: 2_000_000,
      memory: 8000,
      memoryPeak: 9500,
      memoryPrivate: 4000,
      storage: { readBytes: 101, readCount: 5, writeBytes: 200, writeCount: 6 },
    });
    assert.equal(await countMemoryKills(cgroup), 3);
  });
}

test('a hybrid machine gives each controller where it is', async () => {
  const cgroup = await makeCgroup(
    { memory: 'cgroup memory', unified: 'cgroup2 pids' },
    { 'memory/c/memory.limit_in_bytes': '', 'unified/c/pids.max': '' },
  );
  await applyLimits(cgroup, { memory: 4096, nanoCpus: 0, cpuShares: 0, pidsLimit: 7 });
  assert.equal(await readFile(join(root, 'memory/c/memory.limit_in_bytes'), 'utf8'), '4096');
  assert.equal(await readFile(join(root, 'unified/c/pids.max'), 'utf8'), '7');
});

test('a limit whose controller the machine lacks is refused, and none is needed where nothing was asked', async () => {
  const cgroup = await makeCgroup({ pids: 'cgroup pids' }, { 'pids/c/pids.max': '' });
  await applyLimits(cgroup, { memory: 0, nanoCpus: 0, cpuShares: 0, pidsLimit: 0 });
  await assert.rejects(applyLimits(cgroup, { memory: 4096, nanoCpus: 0, cpuShares: 0, pidsLimit: 0 }), {
    code: 'unsupported',
  });
  await assert.rejects(freeze(cgroup, true), { code: 'unsupported' });
});

type Files = Readonly<Record<string, string>>;

async function makeCgroup(mounts: Files, files: Files): ReturnType<typeof cgroupOf> {
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), content);
  }
  return cgroupOf(mounts);
}

/** A mount table with `mounts`: folder → type and controllers. */
async function cgroupOf(
  mounts: Files,
): Promise<{ path: string; hierarchies: Awaited<ReturnType<typeof findHierarchies>> }> {
  const lines: string[] = [];
  for (const [name, mount] of Object.entries(mounts)) {
    const [type = '', controllers = 'memory,cpu,io,pids'] = mount.split(' ');
    const folder = join(root, name);
    await mkdir(folder, { recursive: true });
    if (type === 'cgroup2') await writeFile(join(folder, 'cgroup.controllers'), controllers.replaceAll(',', ' '));
    lines.push(
      `30 25 0:26 / ${folder} rw,relatime shared:9 - ${type} cgroup rw${type === 'cgroup' ? `,${controllers}` : ''}`,
    );
  }
  await writeFile(join(root, 'mountinfo'), `${lines.join('\n')}\n`);
  return { path: '/c', hierarchies: await findHierarchies(join(root, 'mountinfo')) };
}
