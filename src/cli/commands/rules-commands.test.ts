import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type RunResult, tryCommand } from '../../platform/index.js';

const main = join(dirname(fileURLToPath(import.meta.url)), '../main.js');
let folder = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'windowbox-rules-'));
});
after(async () => {
  await rm(folder, { recursive: true });
});

async function windowbox(args: readonly string[], input = ''): Promise<RunResult> {
  const env = { ...process.env, WINDOWBOX_CONFIG: join(folder, 'daemon.json') };
  return tryCommand(process.execPath, [main, ...args], { env, input, timeoutMs: 30_000 });
}

const servercore = 'mcr.microsoft.com/windows/servercore:ltsc2019';

/** Arguments, exit code, what is on standard output or error. */
const rows: readonly (readonly [readonly string[], number, RegExp])[] = [
  [
    ['check', servercore, '--host', 'windows-10-1909'],
    0,
    /It runs in hyperv isolation[^]*process: microsoft says refused/u,
  ],
  [
    ['check', servercore, '--host', 'windows-10-1903', '--isolation', 'process'],
    1,
    /Docker at start: hcs::CreateComputeSystem <id>: The container operating system does not match the host operating system\.[^]*docker run --isolation=hyperv/u,
  ],
  [
    ['check', '1903', '--host', 'win10 1909', '--engine', '18.09.0', '--isolation', 'process'],
    1,
    /Windows client operating systems only support Hyper-V containers[^]*--engine 18\.09\.1/u,
  ],
  [['check', 'ltsc2022', '--host', 'win11', '--purpose', 'production'], 1, /The licence does not allow it/u],
  [['check', 'ltsc2022', '1809', '--host', 'ws2022', 'ws2019'], 1, /2 of 4 run\.[^]*What to change:/u],
  [
    ['check', '1903', '--host', 'windows-10-1909', '--isolation', 'process', '--strict'],
    1,
    /strict: microsoft denies it/u,
  ],
  [
    ['check', '1903', '--host', 'ws1909', '--ruleset', 'microsoft@2019-11-13'],
    1,
    /Microsoft’s version table of 2019-11-13/u,
  ],
  [['check', 'ltsc2022', '--host', 'nowhere'], 2, /Cannot find host "nowhere"[^]*Nearest:/u],
  [['check', 'ltsc2022', '--ruleset', 'mine'], 2, /no such ruleset/u],
  [['check', 'app:latest'], 2, /does not tell its Windows version/u],
  [['check', 'ltsc2022', '--isolation', 'vm'], 2, /Allowed choices are default, process, hyperv, auto/u],
  [['check'], 2, /missing required argument/u],
  [
    ['matrix', '--host', 'ws2022', '--csv'],
    0,
    /^HOST,BUILD,ltsc2016,1709,1803,ltsc2019,1903,1909,2004,20H2,ltsc2022,ltsc2025\nwindows-server-2022,20348,H,H,H,H,H,H,H,H,P\+H,none\n$/u,
  ],
  [
    ['matrix', '--host', 'ws23h2', '--image', '1809', '--ruleset', 'microsoft', '--markdown'],
    0,
    /\| windows-server-23h2 \| 25398 \| unknown \|/u,
  ],
  [['hosts', 'server-2022'], 0, /windows-server-2022 +Windows Server 2022 +20348\.5499 +process/u],
  [
    ['bases', 'nanoserver', '--csv'],
    0,
    /mcr\.microsoft\.com\/windows\/nanoserver,1909,10\.0\.18363\.1556,ContainerUser/u,
  ],
  [['explain', '0xc0370101'], 0, /ERROR_VMCOMPUTE_IMAGE_MISMATCH[^]*Ways out:/u],
  [['explain', '--list', '--csv'], 0, /0xC0370112,ERROR_VMCOMPUTE_INVALID_LAYER/u],
  [['explain', 'nothing', 'known'], 1, /nothing in this text is known/u],
  [['host'], 0, /host +windows-server-2025/u],
  [['host', 'use', 'windows-12'], 2, /Cannot find host/u],
];

test('each command prints its answer and ends with the code that its help promises', async () => {
  for (const [args, exitCode, output] of rows) {
    const result = await windowbox(args);
    assert.equal(result.exitCode, exitCode, `${args.join(' ')}\n${result.stdout}${result.stderr}`);
    assert.match(exitCode === 0 ? result.stdout : `${result.stdout}${result.stderr}`, output, args.join(' '));
    assert.ok(!result.stdout.includes('\u001B'), 'no colour outside a terminal');
  }
});

test('each command has help with examples, and ends with 0', async () => {
  for (const name of ['check', 'matrix', 'hosts', 'bases', 'explain', 'host']) {
    const { stdout, exitCode } = await windowbox([name, '--help']);
    assert.equal(exitCode, 0);
    assert.match(stdout, /Examples:\n {2}\S/u, name);
  }
});

test('images come from standard input, as docker image inspect and as an index', async () => {
  const inspected = await windowbox(
    ['check', '-', '--host', 'ws2022', '--json'],
    '[{"RepoTags":["app:1"],"Os":"windows","OsVersion":"10.0.20348.1"}]',
  );
  const [verdict] = JSON.parse(inspected.stdout) as readonly Record<string, unknown>[];
  assert.deepEqual([inspected.exitCode, verdict?.['runs'], verdict?.['isolation']], [0, true, 'process']);
  const platforms = ['10.0.26100.1', '10.0.20348.1'].map((version) => ({
    platform: { os: 'windows', 'os.version': version },
  }));
  const index = JSON.stringify({ manifests: platforms });
  assert.equal((await windowbox(['check', '-', '--host', 'ws2022'], index)).exitCode, 0);
  const older = await windowbox(['check', '-', '--host', 'ws2019'], index);
  assert.match(
    older.stdout,
    /at pull: no matching manifest for windows\(10\.0\.17763\)\/amd64 in the manifest list entries/u,
  );
  assert.equal((await windowbox(['check', '-', '--host', 'ws2019'], 'ltsc2019\n# all\n1809\n')).exitCode, 0);
});

test('hosts come from files: docker info and kubectl get nodes', async () => {
  const info = join(folder, 'info.json');
  await writeFile(
    info,
    '{"Name":"ci","OSType":"windows","OSVersion":"10.0.17763","OperatingSystem":"Microsoft Windows Server Version 1809 (OS Build 17763.3887)","ServerVersion":"24.0.2"}',
  );
  const nodes = join(folder, 'nodes.json');
  await writeFile(
    nodes,
    '{"items":[{"metadata":{"name":"n1","labels":{"node.kubernetes.io/windows-build":"10.0.20348"}},"status":{"nodeInfo":{"operatingSystem":"windows"}}}]}',
  );
  const { stdout, exitCode } = await windowbox(['check', 'ltsc2022', '--host', info, nodes]);
  assert.equal(exitCode, 1);
  assert.match(stdout, /ltsc2022 +ci +refused[^]*ltsc2022 +n1 +allowed[^]*1 of 2 run/u);
});

test('host use writes the key host and keeps the others; every later question is about that host', async () => {
  const path = join(folder, 'daemon.json');
  await writeFile(path, '{"hosts":["unix:///x"]}');
  assert.equal(
    (await windowbox(['host', 'use', 'Windows 10 1909', '--engine', '18.09.1', '--edition', 'pro'])).exitCode,
    0,
  );
  assert.deepEqual(JSON.parse(await readFile(path, 'utf8')), {
    hosts: ['unix:///x'],
    host: { profile: 'windows-10-1909', engine: '18.09.1', edition: 'pro' },
  });
  assert.match((await windowbox(['host'])).stdout, /Windows 10 Pro Version 1909 \(OS Build 18363\.1556\)/u);
  assert.match(
    (await windowbox(['check', '1903'])).stdout,
    /on Windows 10, version 1909 {2}10\.0\.18363\.1556, Pro, Docker Engine 18\.09\.1/u,
  );
  await writeFile(path, '{');
  const broken = await windowbox(['host']);
  assert.deepEqual([broken.exitCode, broken.stderr.includes('Cannot read configuration')], [2, true]);
  await rm(path);
});
