/**
 * Joins arguments to a Windows command line that CommandLineToArgvW splits into the same arguments again.
 * Source of the rule: Microsoft, "Parsing C command-line arguments": backslashes are special only before a quotation mark.
 */
export function joinCommandLine(args: readonly string[]): string {
  return args.map(quoteArgument).join(' ');
}

/** One argument, quoted where it has to be. */
export function quoteArgument(argument: string): string {
  if (argument !== '' && !/[\s"]/u.test(argument)) return argument;
  const escaped = argument.replaceAll(/(\\*)"/gu, '$1$1\\"').replace(/(\\+)$/u, '$1$1');
  return `"${escaped}"`;
}

/**
 * The command line of a container's or exec's program. With `argsEscaped` the first element is a finished command line (the shell
 * form of a Windows Dockerfile) and the rest is appended; without it each element is one argument.
 */
export function commandLineOf(command: readonly string[], argsEscaped: boolean): string {
  const [first, ...rest] = command;
  if (!argsEscaped || first === undefined) return joinCommandLine(command);
  return rest.length === 0 ? first : `${first} ${joinCommandLine(rest)}`;
}
