import { Command } from 'commander';
import { resolvePaths } from '../../platform/index.js';
import { ensureRuntime } from '../../setup/index.js';
import { printSetupEvent } from '../print-setup-event.js';

interface SetupFlags {
  readonly rebuild?: boolean;
  readonly json?: boolean;
}

export function makeSetupCommand(): Command {
  return new Command()
    .description('Make the runtime root and the bases; does nothing when they are there')
    .option('--rebuild', 'make every part again')
    .option('--json', 'print one JSON object a line')
    .action(async (flags: SetupFlags) => {
      const report = printSetupEvent(flags.json === true ? 'json' : 'text');
      await ensureRuntime(resolvePaths(), { rebuild: flags.rebuild === true, report });
    });
}
