import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlagTable } from './flag.js';
import { parseFlags } from './parse-flags.js';

const table = {
  env: { kind: 'list', short: 'e', help: '', check: (value) => (value === '' ? 'empty' : undefined) },
  interactive: { kind: 'bool', short: 'i', help: '' },
  memory: { kind: 'bytes', short: 'm', help: '' },
  name: { kind: 'string', help: '' },
  'sig-proxy': { kind: 'bool', on: true, help: '' },
  'stop-timeout': { kind: 'int', help: '' },
  tty: { kind: 'bool', short: 't', help: '' },
  wait: { kind: 'duration', help: '' },
} as const satisfies FlagTable;

function read(line: string, stopAtFirstArgument = false): Record<string, unknown> {
  const words = line === '' ? [] : line.split(' ').map((word) => (word === "''" ? '' : word));
  const { flags, args } = parseFlags(table, words, { stopAtFirstArgument });
  return {
    env: flags.all('env'),
    it: [flags.isOn('interactive'), flags.isOn('tty')],
    name: flags.text('name'),
    memory: flags.number('memory'),
    proxy: flags.isOn('sig-proxy'),
    args,
  };
}

const nothing = { env: [], it: [false, false], name: undefined, memory: undefined, proxy: true, args: [] };

test('flags are read as pflag, Docker’s library, reads them', () => {
  const rows: readonly (readonly [line: string, expected: Record<string, unknown>])[] = [
    ['', {}],
    ['-it', { it: [true, true] }],
    ['-i -t', { it: [true, true] }],
    ['-ite A=1', { it: [true, true], env: ['A=1'] }],
    ['-iteA=1', { it: [true, true], env: ['A=1'] }],
    ['-e=A=1', { env: ['A=1'] }],
    ['-e A=1 --env B=2 --env=C=3', { env: ['A=1', 'B=2', 'C=3'] }],
    ['--name x --name y', { name: 'y' }],
    ['--name=', { name: '' }],
    ['--name --tty', { name: '--tty' }],
    ['--interactive=false', {}],
    ['--interactive=false -i', { it: [true, false] }],
    ['-i=false', {}],
    ['--sig-proxy=false', { proxy: false }],
    ['--tty false', { it: [false, true], args: ['false'] }],
    ['-m 512m', { memory: 512 * 1024 * 1024 }],
    ['-m512m', { memory: 512 * 1024 * 1024 }],
    ['a -i b', { it: [true, false], args: ['a', 'b'] }],
    ['a -- -i', { args: ['a', '-i'] }],
    ['- -i', { it: [true, false], args: ['-'] }],
  ];
  for (const [line, expected] of rows) assert.deepEqual(read(line), { ...nothing, ...expected }, line);
});

test('run, create and exec give everything after the first argument to the program', () => {
  assert.deepEqual(read('-i image -t --name x -- y', true), {
    ...nothing,
    it: [true, false],
    args: ['image', '-t', '--name', 'x', '--', 'y'],
  });
  assert.deepEqual(read('-i -- -t', true), { ...nothing, it: [true, false], args: ['-t'] });
});

test('a wrong flag is refused in pflag’s words', () => {
  const rows: readonly (readonly [line: string, message: string])[] = [
    ['--bogus', 'unknown flag: --bogus'],
    ['--bogus=1', 'unknown flag: --bogus'],
    ['--constructor', 'unknown flag: --constructor'],
    ['-itx', "unknown shorthand flag: 'x' in -itx"],
    ['--name', 'flag needs an argument: --name'],
    ['-ie', "flag needs an argument: 'e' in -ie"],
    ['-m abc', 'invalid argument "abc" for "-m, --memory" flag: invalid size: \'abc\''],
    [
      '--stop-timeout x',
      'invalid argument "x" for "--stop-timeout" flag: strconv.ParseInt: parsing "x": invalid syntax',
    ],
    [
      '--tty=maybe',
      'invalid argument "maybe" for "-t, --tty" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
    ['--wait 5', 'invalid argument "5" for "--wait" flag: time: missing unit in duration "5"'],
    ["-e ''", 'invalid argument "" for "-e, --env" flag: empty'],
    ['--=x', 'bad flag syntax: --=x'],
    ['---name', 'bad flag syntax: ---name'],
  ];
  for (const [line, message] of rows) assert.throws(() => read(line), { message, exitCode: 125 }, line);
});

test('--help and -h are asked for, not flags, unless the command has them', () => {
  assert.equal(parseFlags(table, ['--help'], { stopAtFirstArgument: false }).help, true);
  assert.equal(parseFlags(table, ['-h'], { stopAtFirstArgument: false }).help, true);
  assert.equal(parseFlags(table, ['x', '--help'], { stopAtFirstArgument: true }).help, false);
  const withHost = { host: { kind: 'string', short: 'h', help: '' } } as const satisfies FlagTable;
  assert.equal(parseFlags(withHost, ['-h', 'x'], { stopAtFirstArgument: false }).flags.text('host'), 'x');
});
