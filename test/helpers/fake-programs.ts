import { WindowboxError } from '../../src/errors/index.js';

/** The few words of cmd.exe that the tests of the API need, so that they run in a second and without Wine. */
export interface FakeProgram {
  readonly out: (stream: 'stdout' | 'stderr', text: string) => Promise<void>;
  readonly input: AsyncIterable<Uint8Array>;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly user: string;
  readonly killed: AbortSignal;
}

/** @throws WindowboxError `not-found`, as Windows, for every program but cmd.exe. */
export function checkProgram(command: string): void {
  const [program = ''] = /^"[^"]*"|^\S+/u.exec(command) ?? [];
  if (/^"?(?:c:\\windows\\system32\\)?cmd(?:\.exe)?"?$/iu.test(program)) return;
  throw new WindowboxError('not-found', 'The system cannot find the file specified.', { hint: '2' });
}

/** Runs `cmd /c LINE`; without a line it is a shell that reads its lines. Answers the exit code. */
export async function runFake(command: string, program: FakeProgram): Promise<number> {
  const line = /\s\/c\s+(.*)$/isu.exec(command)?.[1];
  if (line !== undefined) return runLine(unquoted(line), program);
  for await (const typed of linesOf(program.input)) {
    const code = await runLine(typed.trim(), program);
    if (/^exit\b/u.test(typed.trim())) return code;
  }
  return 0;
}

async function runLine(line: string, program: FakeProgram): Promise<number> {
  let code = 0;
  for (const part of line.split(/(?<!>)&/u).map((text) => text.trim())) {
    if (part === '') continue;
    if (program.killed.aborted) return code;
    code = await runWord(part, program);
    if (/^exit\b/u.test(part)) return code;
  }
  return code;
}

async function runWord(part: string, program: FakeProgram): Promise<number> {
  const stream = /\s*1?>&2$/u.test(part) ? 'stderr' : 'stdout';
  const [word = '', ...rest] = part.replace(/\s*1?>&2$/u, '').split(' ');
  const text = rest.join(' ');
  const say = async (line: string): Promise<number> => {
    await program.out(stream, `${line}\r\n`);
    return 0;
  };
  switch (word.toLowerCase()) {
    case 'echo':
      return say(text.replaceAll(/%(\w+)%/gu, (_, name: string) => program.env[name] ?? ''));
    case 'ver':
      return say('Microsoft Windows [Version 10.0.26100.1]');
    case 'cd':
      return say(program.cwd);
    case 'whoami':
      return say(program.user);
    case 'set':
      for (const [name, value] of Object.entries(program.env)) await say(`${name}=${value}`);
      return 0;
    case 'exit':
      return Number(rest.find((argument) => /^-?\d+$/u.test(argument)) ?? 0) >>> 0;
    case 'wait':
      await sleepOrKilled(Number(text) * 1000, program.killed);
      return 0;
    case 'flood':
      for (let count = 0; count < Number(text); count += 1) await program.out(stream, 'x'.repeat(1023).concat('\n'));
      return 0;
    case 'cat':
      for await (const data of program.input) await program.out(stream, Buffer.from(data).toString());
      return 0;
    default:
      await program.out('stderr', `'${word}' is not recognized as an internal or external command\r\n`);
      return 1;
  }
}

function unquoted(line: string): string {
  const inner = /^"(.*)"$/su.exec(line.trim())?.[1];
  return (inner ?? line).replaceAll('\\"', '"').trim();
}

function sleepOrKilled(milliseconds: number, killed: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    // A program that nobody ends is no reason for a test's process to stay.
    const timer = setTimeout(resolve, milliseconds).unref();
    const stop = (): void => {
      clearTimeout(timer);
      resolve();
    };
    if (killed.aborted) stop();
    killed.addEventListener('abort', stop, { once: true });
  });
}

async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = '';
  for await (const data of input) {
    const lines = (rest + Buffer.from(data).toString()).split(/\r\n|\r|\n/u);
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}
