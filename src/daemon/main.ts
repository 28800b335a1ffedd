import { describeError, WindowboxError } from '../errors/index.js';
import { resolvePaths } from '../platform/index.js';
import { runDaemon } from './run-daemon.js';

try {
  await runDaemon({ paths: resolvePaths(), env: process.env, args: process.argv.slice(2) });
} catch (error) {
  const hint = error instanceof WindowboxError && error.hint !== undefined ? `\n${error.hint}` : '';
  process.stderr.write(`windowbox daemon: ${describeError(error)}${hint}\n`);
  process.exitCode = 1;
}
