import { Command } from 'commander';
import { findMissingPackages } from '../../setup/index.js';

interface DoctorFlags {
  readonly missingPackages?: boolean;
}

export function makeDoctorCommand(): Command {
  return new Command()
    .description('Check every precondition, and say how to mend what is missing')
    .option('--missing-packages', 'print only the names of the missing system packages')
    .action((flags: DoctorFlags) => {
      if (flags.missingPackages === true) {
        process.stdout.write(
          findMissingPackages()
            .map(({ name }) => `${name}\n`)
            .join(''),
        );
        return;
      }
    });
}
