import { runCli } from './run-cli.js';

// Leaves at once: an unread standard input or an idle connection must not keep a command whose end is known.
void runCli(process.argv.slice(2)).then((exitCode) => process.exit(exitCode));
