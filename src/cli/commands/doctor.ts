import { Command } from 'commander';
import { resolvePaths } from '../../platform/index.js';
import { examine, findMissingPackages, type Finding } from '../../setup/index.js';

interface DoctorFlags {
  readonly json?: boolean;
  readonly missingPackages?: boolean;
}

/** Exit code 0 when there is no problem (notes are none), else 1. */
export function makeDoctorCommand(): Command {
  return new Command()
    .description('Check every precondition, and say how to mend what is missing')
    .option('--json', 'print one JSON document: {"problems": NUMBER, "findings": [{"id", "state", "text", "mend"}]}')
    .option('--missing-packages', 'print only the names of the missing system packages')
    .addHelpText('after', examples)
    .action(async (flags: DoctorFlags) => {
      if (flags.missingPackages === true) {
        process.stdout.write(
          findMissingPackages()
            .map(({ name }) => `${name}\n`)
            .join(''),
        );
        return;
      }
      const findings = await examine(resolvePaths());
      const problems = findings.filter(({ state }) => state === 'problem').length;
      process.stdout.write(
        flags.json === true ? `${JSON.stringify({ problems, findings }, null, 2)}\n` : describe(findings),
      );
      if (problems > 0) process.exitCode = 1;
    });
}

function describe(findings: readonly Finding[]): string {
  const lines = findings.map(({ state, text, mend }) => {
    const label = state.padEnd(9);
    return `${label}${text}\n${mend === undefined ? '' : `${' '.repeat(label.length)}to mend: ${mend}\n`}`;
  });
  return lines.join('');
}

const examples = `
Exit code: 0 no problem, 1 at least one.

Examples:
  windowbox doctor
  windowbox doctor --json
  apt-get install $(windowbox doctor --missing-packages)`;
