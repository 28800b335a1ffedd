import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { whyNoGuest } from '../helpers/guest-sandbox.js';
import { realDaemon, type RealDaemon } from '../helpers/real-daemon.js';
import type { ClientResult } from '../helpers/run-client.js';

/** What Windows does with an image, by host and isolation, held with real containers. The rules themselves are held in src/rules. */
const why = await whyNoGuest();
const options = { skip: why ?? false, timeout: 280_000 } as const;

let daemon: RealDaemon;
before(async () => {
  if (why === undefined) daemon = await realDaemon();
});
after(async () => {
  if (why === undefined) await daemon.close();
});

const mismatch = /The container operating system does not match the host operating system\./u;

test('1: a Server starts process isolation, Windows 10 starts Hyper-V isolation', options, async () => {
  assert.equal(await isolationOf('windows-server-2019', 'ltsc2019'), 'process');
  assert.equal(await isolationOf('windows-10-1809', '1809'), 'hyperv');
});

test('2: Windows 10 version 1903 runs an image of 1903 in process isolation', options, async () => {
  const result = await run({ host: 'windows-10-1903', image: '1903', isolation: 'process' });
  assert.match(result.stdout, /10\.0\.18362/u, result.stderr);
});

test('3: it refuses an image of 1809 in process isolation with the mismatch error', options, async () => {
  const result = await run({ host: 'windows-10-1903', image: '1809', isolation: 'process' });
  assert.equal(result.code, 125);
  assert.match(result.stderr, mismatch);
});

test('4: it runs an image of 1809 in Hyper-V isolation, without being asked to', options, async () => {
  const result = await run({ host: 'windows-10-1903', image: '1809' });
  assert.match(result.stdout, /10\.0\.17763/u, result.stderr);
});

test('5: it refuses an image of 1909 in both modes', options, async () => {
  for (const isolation of ['process', 'hyperv']) {
    const result = await run({ host: 'windows-10-1903', image: '1909', isolation });
    assert.equal(result.code, 125, isolation);
    assert.match(result.stderr, mismatch, isolation);
  }
});

test('6: Windows 10 version 1909 runs an image of 1903 in process isolation', options, async () => {
  const result = await run({ host: 'windows-10-1909', image: '1903', isolation: 'process' });
  assert.match(result.stdout, /10\.0\.18362/u, result.stderr);
});

test(
  '7: Windows 10 before 1809, and any under Docker 18.09.0, refuses process isolation in Docker’s words',
  options,
  async () => {
    const old = await run({ host: 'windows-10-1803', image: '1803', isolation: 'process' });
    assert.equal(old.code, 125);
    assert.match(
      old.stderr,
      /Windows client operating systems earlier than version 1809 can only run Hyper-V containers/u,
    );
    const engine = await run({ host: 'windows-10-1809', engine: '18.09.0', image: '1809', isolation: 'process' });
    assert.equal(engine.code, 125);
    assert.match(engine.stderr, /Windows client operating systems only support Hyper-V containers/u);
  },
);

test('8: the licence of Windows 10 is for test and development', options, async () => {
  const result = await daemon.cli([
    'check',
    `${repository}:1903`,
    '--host',
    'windows-10-1903',
    '--purpose',
    'production',
  ]);
  assert.equal(result.code, 1);
  assert.match(result.stdout, /test|development/iu);
});

test('auto takes process isolation where it can, and Hyper-V isolation where it must', options, async () => {
  assert.equal(await isolationOf('windows-server-2022', 'ltsc2022', 'auto'), 'process');
  assert.equal(await isolationOf('windows-server-2022', 'ltsc2019', 'auto'), 'hyperv');
});

const repository = 'mcr.microsoft.com/windows/nanoserver';

interface Question {
  readonly host: string;
  readonly engine?: string;
  readonly image: string;
  readonly isolation?: string;
}

async function run(question: Question): Promise<ClientResult> {
  return daemon.cli(['run', '--rm', ...flags(question), `${repository}:${question.image}`, 'cmd', '/c', 'ver'], {
    timeoutMs: 250_000,
  });
}

async function isolationOf(host: string, image: string, isolation?: string): Promise<string> {
  const question = { host, image, ...(isolation === undefined ? {} : { isolation }) };
  const created = await daemon.cli(['create', ...flags(question), `${repository}:${image}`], { timeoutMs: 120_000 });
  assert.equal(created.code, 0, created.stderr);
  const inspected = await daemon.cli(['inspect', '-f', '{{.HostConfig.Isolation}}', created.stdout.trim()]);
  return inspected.stdout.trim();
}

function flags({ host, engine, isolation }: Question): string[] {
  return [
    `--annotation=windowbox.host=${host}`,
    ...(engine === undefined ? [] : [`--annotation=windowbox.engine=${engine}`]),
    ...(isolation === undefined ? [] : [`--isolation=${isolation}`]),
  ];
}
