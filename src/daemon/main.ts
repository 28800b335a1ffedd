process.stderr.write('windowbox daemon: not wired yet\n');
process.exitCode = 1;
