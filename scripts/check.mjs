// `npm run check`: types, lint with type information, format. Each must pass; all are run so that one call shows everything.
import { spawnSync } from 'node:child_process';

const steps = [
  ['types', 'tsc', ['-b']],
  ['lint', 'oxlint', ['--type-aware', '--deny-warnings', 'src', 'test', 'bench']],
  ['format', 'prettier', ['--log-level', 'warn', '--check', '.']],
];

let failed = 0;
for (const [name, program, args] of steps) {
  const { status } = spawnSync(`node_modules/.bin/${program}`, args, { stdio: 'inherit' });
  console.log(`check: ${name} ${status === 0 ? 'ok' : 'FAILED'}`);
  if (status !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
