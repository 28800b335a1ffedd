import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFlags } from '../define/parse-flags.js';
import { createBody } from './create-body.js';
import { createFlags } from './create-flags.js';

function bodyOf(line: string, detach = false): Record<string, unknown> {
  const words = line.split(' ').map((word) => word.replaceAll('_', ' '));
  const { flags, args } = parseFlags(createFlags, words, { stopAtFirstArgument: true });
  const [image = '', ...command] = args;
  return createBody({ flags, image, command, detach, env: { HOME: '/root' } });
}

function hostConfigOf(line: string): Record<string, unknown> {
  return bodyOf(line)['HostConfig'] as Record<string, unknown>;
}

test('a bare command line asks for what Docker’s does', () => {
  assert.deepEqual(bodyOf('image cmd /c ver'), {
    AttachStdin: false,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    OpenStdin: false,
    StdinOnce: false,
    Env: [],
    Cmd: ['cmd', '/c', 'ver'],
    Entrypoint: null,
    Image: 'image',
    Labels: {},
    Volumes: {},
    ExposedPorts: {},
    HostConfig: { NetworkMode: 'default' },
    NetworkingConfig: { EndpointsConfig: {} },
  });
});

test('each flag lands in its field', () => {
  const rows: readonly (readonly [line: string, field: string, expected: unknown])[] = [
    ['-h box image', 'Hostname', 'box'],
    ['-u ContainerAdministrator image', 'User', 'ContainerAdministrator'],
    ['-w C:\\app image', 'WorkingDir', 'C:\\app'],
    ['-e A=1 -e HOME -e NOPE image', 'Env', ['A=1', 'HOME=/root']],
    ['--entrypoint cmd image', 'Entrypoint', ['cmd']],
    ['--entrypoint= image', 'Entrypoint', ['']],
    ['-l a=b -l c image', 'Labels', { a: 'b', c: '' }],
    ['--stop-timeout 5 image', 'StopTimeout', 5],
    ['--stop-signal SIGINT image', 'StopSignal', 'SIGINT'],
    ['-v C:\\data image', 'Volumes', { 'C:\\data': {} }],
    ['-p 8080:80 --expose 90/udp image', 'ExposedPorts', { '90/udp': {}, '80/tcp': {} }],
    ['image', 'Cmd', null],
    ['--no-healthcheck image', 'Healthcheck', { Test: ['NONE'] }],
    [
      '--health-cmd curl_x --health-interval 5s --health-retries 2 image',
      'Healthcheck',
      { Test: ['CMD-SHELL', 'curl x'], Interval: 5e9, Retries: 2 },
    ],
  ];
  for (const [line, field, expected] of rows) assert.deepEqual(bodyOf(line)[field], expected, line);
});

test('each flag lands in its field of HostConfig', () => {
  const rows: readonly (readonly [line: string, field: string, expected: unknown])[] = [
    ['-v /srv:C:\\srv:ro -v C:\\anonymous image', 'Binds', ['/srv:C:\\srv:ro']],
    ['--mount type=bind,src=/srv,dst=C:\\srv image', 'Mounts', [{ Type: 'bind', Source: '/srv', Target: 'C:\\srv' }]],
    ['-m 512m image', 'Memory', 536_870_912],
    ['--cpus 1.5 image', 'NanoCpus', 15e8],
    ['-c 512 image', 'CpuShares', 512],
    ['--pids-limit 100 image', 'PidsLimit', 100],
    ['--cpu-count 2 image', 'CpuCount', 2],
    ['--rm image', 'AutoRemove', true],
    ['--restart on-failure:3 image', 'RestartPolicy', { Name: 'on-failure', MaximumRetryCount: 3 }],
    ['--isolation=hyperv image', 'Isolation', 'hyperv'],
    ['--annotation a=b image', 'Annotations', { a: 'b' }],
    [
      '-p 8080:80 -p 81:80 image',
      'PortBindings',
      {
        '80/tcp': [
          { HostIp: '', HostPort: '8080' },
          { HostIp: '', HostPort: '81' },
        ],
      },
    ],
    ['-P image', 'PublishAllPorts', true],
    ['--dns 1.1.1.1 image', 'Dns', ['1.1.1.1']],
    ['--add-host a:1.2.3.4 --add-host b=::1 image', 'ExtraHosts', ['a:1.2.3.4', 'b:::1']],
    ['--network none image', 'NetworkMode', 'none'],
    ['--log-driver local --log-opt max-size=1m image', 'LogConfig', { Type: 'local', Config: { 'max-size': '1m' } }],
    ['--storage-opt size=20G image', 'StorageOpt', { size: '20G' }],
    ['--cap-add NET_ADMIN image', 'CapAdd', ['NET ADMIN']],
    ['--privileged image', 'Privileged', true],
    ['--shm-size 64m image', 'ShmSize', 67_108_864],
  ];
  for (const [line, field, expected] of rows) assert.deepEqual(hostConfigOf(line)[field], expected, line);
});

test('networks: the first is the mode, each is an endpoint', () => {
  const body = bodyOf('--network name=back,alias=db,ip=172.30.0.5 --network front --network-alias x image');
  assert.deepEqual(body['NetworkingConfig'], {
    EndpointsConfig: { back: { IPAMConfig: { IPv4Address: '172.30.0.5' }, Aliases: ['db', 'x'] }, front: {} },
  });
  assert.equal((body['HostConfig'] as Record<string, unknown>)['NetworkMode'], 'back');
});

test('streams: -d attaches none, -i the input, -a what it says', () => {
  const streams = (line: string, detach = false): readonly unknown[] => {
    const body = bodyOf(line, detach);
    return [body['AttachStdin'], body['AttachStdout'], body['AttachStderr'], body['OpenStdin'], body['StdinOnce']];
  };
  assert.deepEqual(streams('-i image'), [true, true, true, true, true]);
  assert.deepEqual(streams('-i image', true), [false, false, false, true, false]);
  assert.deepEqual(streams('image', true), [false, false, false, false, false]);
  assert.deepEqual(streams('-a stdout image'), [false, true, false, false, false]);
});

test('what cannot be is refused in Docker’s words', () => {
  const rows: readonly (readonly [line: string, message: string])[] = [
    ['--rm --restart always image', 'Conflicting options: --restart and --rm'],
    ['--no-healthcheck --health-cmd x image', '--no-healthcheck conflicts with --health-* options'],
    ['--health-interval -1s image', '--health-interval cannot be negative'],
    ['-v /srv:/data image', "invalid volume specification: '/srv:/data'"],
    ['-p x image', 'Invalid containerPort: x'],
    ['--log-driver none --log-opt a=b image', 'invalid logging opts for driver none'],
    ['--env-file /nowhere/env image', 'open /nowhere/env: no such file or directory'],
    [
      '-a nothing image',
      'invalid argument "nothing" for "-a, --attach" flag: valid streams are STDIN, STDOUT and STDERR',
    ],
    ['--add-host x image', 'invalid argument "x" for "--add-host" flag: bad format for add-host: "x"'],
    ['--add-host x:y image', 'invalid argument "x:y" for "--add-host" flag: invalid IP address in add-host: "y"'],
    ['--dns x image', 'invalid argument "x" for "--dns" flag: IP address is not correctly formatted: x'],
    ['-e =x image', 'invalid argument "=x" for "-e, --env" flag: invalid environment variable: =x'],
    ['--mount type=bind image', 'invalid argument "type=bind" for "--mount" flag: target is required'],
  ];
  for (const [line, message] of rows) assert.throws(() => bodyOf(line), { message }, line);
  assert.throws(() => bodyOf('-a stdout image', true), { message: 'Conflicting options: -a and -d' });
});
