import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface TypedSession {
  readonly code: unknown;
  /** All that the terminal showed. */
  readonly shown: string;
}

/** Runs a command inside of a terminal, by script(1), and types each answer when its question has come; 30 s at most. */
export async function typeAtTerminal(
  command: readonly string[],
  options: {
    readonly env: NodeJS.ProcessEnv;
    readonly answers: readonly (readonly [question: RegExp, answer: string])[];
  },
): Promise<TypedSession> {
  const words = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const child = spawn('script', ['-qec', words, '/dev/null'], {
    env: { ...process.env, ...options.env },
    timeout: 30_000,
  });
  const answers = [...options.answers];
  let shown = '';
  child.stdin.on('error', () => undefined);
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    const next = answers[0];
    if (next === undefined || !next[0].test(shown)) return;
    answers.shift();
    child.stdin.write(`${next[1]}\r`);
  });
  const [code] = await once(child, 'close');
  return { code, shown };
}
