import { Command } from 'commander';

export function makeVersionCommand(): Command {
  return new Command().description('Show the version of the client and the daemon').action(() => {
    process.stdout.write('Windowbox 0.1.0\n');
  });
}
