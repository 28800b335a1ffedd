import { Command } from 'commander';
import { makeTemplates } from '../templates/make-templates.js';
import { resolvePaths } from '../../platform/index.js';
import { ensureRuntime, exportRuntime, importRuntime, pruneRuntime } from '../../setup/index.js';
import { printSetupEvent } from '../print-setup-event.js';

interface SetupFlags {
  readonly rebuild?: boolean;
  readonly json?: boolean;
  readonly export?: string;
  readonly import?: string;
  readonly prune?: boolean;
  readonly templates?: true | readonly string[];
}

export function makeSetupCommand(): Command {
  return new Command()
    .description('Make the runtime root and the bases; does nothing when they are there')
    .option('--rebuild', 'make every part again')
    .option('--prune', 'then remove what older versions left; no container may be running')
    .option('--export <FILE>', 'then write the runtime to a file, for a machine without a network (.zst: compressed)')
    .option('--import <FILE>', 'take the runtime from such a file first')
    .option(
      '--templates [BASES...]',
      'then make what Hyper-V-isolated containers on these bases start from (default: those of the images)',
    )
    .option('--json', 'print progress as JSON, one object a line')
    .addHelpText('after', examples)
    .action(async (flags: SetupFlags) => {
      const paths = resolvePaths();
      const report = printSetupEvent(flags.json === true ? 'json' : 'text');
      if (flags.import !== undefined) await importRuntime(paths, flags.import);
      await ensureRuntime(paths, { rebuild: flags.rebuild === true, report });
      if (flags.export !== undefined) await exportRuntime(paths, flags.export);
      if (flags.prune === true) for (const name of await pruneRuntime(paths)) report({ type: 'removed', name });
      if (flags.templates !== undefined) await makeTemplates(flags.templates === true ? [] : flags.templates, report);
    });
}

const examples = `
Examples:
  windowbox setup
  windowbox setup --export runtime.tar.zst    on a machine with a network
  windowbox setup --import runtime.tar.zst    on one without
  windowbox setup --templates nanoserver:1809 servercore:ltsc2019`;
