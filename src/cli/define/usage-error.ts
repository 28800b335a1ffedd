/** The command line itself is wrong. Docker's exit codes: 125 for a flag, 1 for a wrong number of arguments. */
export class UsageError extends Error {
  readonly exitCode: 125 | 1;

  constructor(message: string, exitCode: 125 | 1 = 125) {
    super(message);
    this.name = 'UsageError';
    this.exitCode = exitCode;
  }
}
