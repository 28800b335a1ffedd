import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseBytes } from './bytes.js';
import { parseCopyArgument, splitWindowsPath } from './copy-argument.js';
import { parseCpus } from './cpus.js';
import { splitCsv } from './csv.js';
import { parseDuration } from './duration.js';
import { inheritVariables, pairsToObject, readPairsFile } from './env-file.js';
import { filtersQuery } from './filters.js';
import { parseMount } from './mount.js';
import { parseExpose, parsePublish } from './port.js';
import { parseRestartPolicy } from './restart-policy.js';
import { timeQuery } from './time-query.js';
import { parseVolume } from './volume.js';

type Row = readonly [text: string, expected: unknown];

function check(parse: (text: string) => unknown, rows: readonly Row[]): void {
  for (const [text, expected] of rows)
    assert.deepEqual(parse(text), typeof expected === 'string' ? { problem: expected } : { value: expected }, text);
}

test('sizes are in units of 1024, as go-units reads them', () => {
  check(parseBytes, [
    ['0', 0],
    ['1024', 1024],
    ['1024b', 1024],
    ['512m', 536_870_912],
    ['512M', 536_870_912],
    ['512mb', 536_870_912],
    ['1.5GiB', 1_610_612_736],
    ['1 g', 1_073_741_824],
    ['2t', 2_199_023_255_552],
    ['-1', -1],
    ['', "invalid size: ''"],
    ['x', "invalid size: 'x'"],
    ['-2', "invalid size: '-2'"],
    ['1.g', "invalid size: '1.g'"],
    ['5 x', "invalid size: '5 x'"],
  ]);
});

test('durations are Go’s, in nanoseconds', () => {
  check(parseDuration, [
    ['0', 0],
    ['30s', 30e9],
    ['1m30s', 90e9],
    ['1.5h', 5400e9],
    ['250ms', 250e6],
    ['-1s', -1e9],
    ['5', 'time: missing unit in duration "5"'],
    ['', 'time: invalid duration ""'],
    ['x', 'time: invalid duration "x"'],
    ['5y', 'time: unknown unit "y" in duration "5y"'],
  ]);
});

test('processors are exact to a billionth', () => {
  check(parseCpus, [
    ['1', 1e9],
    ['1.5', 15e8],
    ['.5', 5e8],
    ['1/2', 5e8],
    ['0.000000001', 1],
    ['0.0000000001', 'value is too precise'],
    ['x', 'failed to parse x as a rational number'],
    ['', 'failed to parse  as a rational number'],
  ]);
});

test('-v takes a Linux path or a name on the left and a Windows path on the right', () => {
  const bind = (text: string): unknown => ({ kind: 'bind', bind: text });
  check(parseVolume, [
    ['/srv/data:C:\\data', bind('/srv/data:C:\\data')],
    ['/srv/data:C:\\data:ro', bind('/srv/data:C:\\data:ro')],
    ['/srv/data:c:/data:RW', bind('/srv/data:c:/data:RW')],
    ['/srv:D:', bind('/srv:D:')],
    ['/srv:D:\\', bind('/srv:D:\\')],
    ['/:C:\\host', bind('/:C:\\host')],
    ['cache:C:\\cache', bind('cache:C:\\cache')],
    ['./data:C:\\data', bind(`${process.cwd()}/data:C:\\data`)],
    ['.:C:\\data', bind(`${process.cwd()}:C:\\data`)],
    ['C:\\data', { kind: 'anonymous', target: 'C:\\data' }],
    ['/srv:\\\\.\\pipe\\x', bind('/srv:\\\\.\\pipe\\x')],
    ['/srv:/data', "invalid volume specification: '/srv:/data'"],
    ['/srv', "invalid volume specification: '/srv'"],
    ['x:C:\\data', "invalid volume specification: 'x:C:\\data'"],
    ['C:\\data:ro', "invalid volume specification: 'C:\\data:ro'"],
    ['/srv:C:\\da|ta', "invalid volume specification: '/srv:C:\\da|ta'"],
    ['/srv:C:\\data:rx', 'invalid mode: rx'],
    ['', "invalid volume specification: ''"],
  ]);
});

test('--mount is read as Docker reads it', () => {
  check(parseMount, [
    ['type=bind,src=/srv,dst=C:\\data,readonly', { Type: 'bind', Source: '/srv', Target: 'C:\\data', ReadOnly: true }],
    ['type=volume,source=v,target=C:\\v,ro=false', { Type: 'volume', Source: 'v', Target: 'C:\\v', ReadOnly: false }],
    ['target=C:\\v', { Type: 'volume', Target: 'C:\\v' }],
    [
      'src=v,dst=C:\\v,volume-nocopy,volume-label=a=b,volume-driver=local,volume-opt=x=y',
      {
        Type: 'volume',
        Source: 'v',
        Target: 'C:\\v',
        VolumeOptions: { NoCopy: true, Labels: { a: 'b' }, DriverConfig: { Name: 'local', Options: { x: 'y' } } },
      },
    ],
    ['type=bind,"src=/a,b",dst=C:\\x', { Type: 'bind', Source: '/a,b', Target: 'C:\\x' }],
    ['type=bind,src=/srv', 'target is required'],
    ['type=bind,src', "invalid field 'src' must be a key=value pair"],
    ['bogus=1,dst=C:\\x', "unexpected key 'bogus' in 'bogus=1'"],
    ['dst=C:\\x,readonly=maybe', 'invalid value for readonly: maybe'],
  ]);
});

test('-p is read as Docker reads it', () => {
  const port = (name: string, hostPort = '', hostIp = ''): unknown => ({ port: name, hostIp, hostPort });
  check(parsePublish, [
    ['80', [port('80/tcp')]],
    ['8080:80', [port('80/tcp', '8080')]],
    ['8080:80/udp', [port('80/udp', '8080')]],
    ['127.0.0.1:8080:80', [port('80/tcp', '8080', '127.0.0.1')]],
    ['127.0.0.1::80', [port('80/tcp', '', '127.0.0.1')]],
    ['[::1]:8080:80', [port('80/tcp', '8080', '::1')]],
    ['8000-8001:80-81', [port('80/tcp', '8000'), port('81/tcp', '8001')]],
    ['8000-8010:80', [port('80/tcp', '8000-8010')]],
    ['8000-8001:80-82', 'Invalid ranges specified for container and host Ports: 80-82 and 8000-8001'],
    ['x', 'Invalid containerPort: x'],
    ['x:80', 'Invalid hostPort: x'],
    ['80:', 'No port specified: 80:<empty>'],
    ['70000', 'Invalid containerPort: 70000'],
    ['80/icmp', 'Invalid proto: icmp'],
    ['999.1.1.1:80:80', 'Invalid ip address: 999.1.1.1'],
  ]);
  check(parseExpose, [
    ['80', ['80/tcp']],
    ['80-82/udp', ['80/udp', '81/udp', '82/udp']],
    ['8080:80', 'invalid port format for --expose: 8080:80'],
    ['x', 'invalid range format for --expose: x, error: Invalid port'],
  ]);
});

test('restart policies are a name and a count', () => {
  check(parseRestartPolicy, [
    ['no', { Name: 'no', MaximumRetryCount: 0 }],
    ['on-failure:3', { Name: 'on-failure', MaximumRetryCount: 3 }],
    ['on-failure:x', 'invalid restart policy format: maximum retry count must be an integer'],
    ['on-failure:1:2', 'invalid restart policy format'],
    [':3', 'invalid restart policy format: no policy provided before colon'],
  ]);
});

test('an env file keeps values as they are, and a lone name takes ours where we have one', () => {
  const folder = mkdtempSync(join(tmpdir(), 'windowbox-env-'));
  const path = join(folder, 'env');
  try {
    writeFileSync(path, '\uFEFF# comment\nA=1\r\n  B=two words "quoted"\nOURS\nNOT_OURS\n\nEMPTY=\n');
    assert.deepEqual(readPairsFile(path, { OURS: 'x=y' }), ['A=1', 'B=two words "quoted"', 'OURS=x=y', 'EMPTY=']);
    assert.deepEqual(readPairsFile(path, undefined).slice(2, 4), ['OURS=', 'NOT_OURS=']);
    writeFileSync(path, 'BAD NAME=1\n');
    assert.throws(() => readPairsFile(path, {}), { message: "variable 'BAD NAME' contains whitespaces" });
    writeFileSync(path, '=1\n');
    assert.throws(() => readPairsFile(path, {}), { message: "no variable name on line '=1'" });
    assert.throws(() => readPairsFile(join(folder, 'no'), {}), {
      message: `open ${folder}/no: no such file or directory`,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('pairs: a lone name is inherited or left out, the last of a name wins', () => {
  assert.deepEqual(inheritVariables(['A=1', 'HOME', 'NOPE'], { HOME: '/root' }), ['A=1', 'HOME=/root']);
  assert.deepEqual(pairsToObject(['a=1', 'b', 'a=2=3']), { a: '2=3', b: '' });
  assert.deepEqual(splitCsv('a,"b,c","d""e",f'), ['a', 'b,c', 'd"e', 'f']);
});

test('filters of one name are gathered', () => {
  assert.equal(filtersQuery([]), undefined);
  assert.equal(filtersQuery(['label=a=b', 'label=c', 'status=exited']), '{"label":["a=b","c"],"status":["exited"]}');
  assert.throws(() => filtersQuery(['label']), /bad format of filter \(expected name=value\)/u);
});

test('--since takes a time, seconds, or how long ago', () => {
  const now = Date.UTC(2026, 0, 2, 12, 0, 0);
  const rows = [
    ['1136073845', '1136073845'],
    ['1136073845.000000001', '1136073845.000000001'],
    ['10m', `${String(now / 1000 - 600)}.000000000`],
    ['2026-01-02T11:00:00Z', `${String(now / 1000 - 3600)}.000000000`],
    ['2026-01-02T11:00:00.5Z', `${String(now / 1000 - 3600)}.500000000`],
    ['2026-01-02T12:00:00+01:00', `${String(now / 1000 - 3600)}.000000000`],
  ] as const;
  for (const [text, expected] of rows) assert.equal(timeQuery(text, now), expected, text);
  assert.equal(timeQuery(undefined, now), undefined);
  assert.throws(() => timeQuery('yesterday', now), {
    message: 'failed to parse value "yesterday" as time or duration',
  });
});

test('a side of cp is local, a stream or in a container', () => {
  const rows = [
    ['-', { kind: 'stream' }],
    ['./a:b', { kind: 'local', path: './a:b' }],
    ['/a:b', { kind: 'local', path: '/a:b' }],
    ['file', { kind: 'local', path: 'file' }],
    ['web:C:\\data\\x', { kind: 'container', container: 'web', path: 'C:\\data\\x' }],
    ['web:/data', { kind: 'container', container: 'web', path: '/data' }],
  ] as const;
  for (const [text, expected] of rows) assert.deepEqual(parseCopyArgument(text), expected, text);
  assert.deepEqual(splitWindowsPath('C:\\a\\b.txt'), { folder: 'C:\\a', name: 'b.txt' });
  assert.deepEqual(splitWindowsPath('C:\\b.txt'), { folder: 'C:\\', name: 'b.txt' });
  assert.deepEqual(splitWindowsPath('/data/b/'), { folder: '\\data', name: 'b' });
});
