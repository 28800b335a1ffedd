import { WindowboxError } from '../../errors/index.js';

/** Why the command of a RUN failed; the cause of its error. */
export interface CommandFailure {
  readonly command: string;
  /** All 32 bits, unsigned. */
  readonly exitCode: number;
}

/** Docker's text for a RUN that failed. */
export function commandFailed({ command, exitCode }: CommandFailure, line: number): WindowboxError {
  const meaning = meaningOf(exitCode);
  const place = line === 0 ? 'A build trigger' : `Line ${String(line)} of the Dockerfile`;
  return new WindowboxError('internal', `The command '${command}' returned a non-zero code: ${String(exitCode)}`, {
    hint: `${place}${meaning === undefined ? '' : `; ${hex(exitCode)} means: ${meaning}`}.${noPowerShell(command)}`,
    cause: { command, exitCode } satisfies CommandFailure,
  });
}

/** BuildKit's text for the same; undefined for another error. */
export function processText(error: unknown): string | undefined {
  const cause = error instanceof WindowboxError ? error.cause : undefined;
  if (typeof cause !== 'object' || cause === null || !('command' in cause) || !('exitCode' in cause)) return undefined;
  const exitCode = Number(cause.exitCode);
  const meaning = meaningOf(exitCode);
  const text = `process ${JSON.stringify(cause.command)} did not complete successfully: exit code: ${String(exitCode)}`;
  if (meaning === undefined) return text;
  return `${text} (${exitCode < 0x10_000 ? '' : `${hex(exitCode)}: `}${meaning})`;
}

/** The program that is most often looked for in vain. */
function noPowerShell(command: string): string {
  return runsPowerShell.test(command) ? ` ${dockerfileWithoutPowerShell}` : '';
}

/** Where a command stands: at the beginning, after a shell's own flag, and after what joins commands. */
const runsPowerShell = /(?:^|\/[ck]\s+"?|[&|(]\s*)"?(?:[^\s"&|(]*\\)?powershell(?:\.exe)?(?=["\s]|$)/iu;
const dockerfileWithoutPowerShell =
  'Windowbox\'s bases have no Windows PowerShell: use cmd (SHELL ["cmd", "/S", "/C"]), or bring PowerShell 7 (pwsh) in the context.';

/** What Windows means by an exit code that a program hardly chooses itself. */
function meaningOf(exitCode: number): string | undefined {
  return meanings.get(exitCode);
}

function hex(exitCode: number): string {
  return exitCode < 0x10_000 ? String(exitCode) : `0x${exitCode.toString(16).toUpperCase().padStart(8, '0')}`;
}

/**
 * Sources: cmd's own codes as its help and error texts have them; NTSTATUS values of Microsoft's [MS-ERREF] 2.3.1; the code of an
 * unhandled .NET exception as the .NET documentation has it; the engine's own 137.
 */
const meanings = new Map([
  [1, 'the command failed, or cmd does not know the program'],
  [2, 'a file was not found'],
  [3, 'a path was not found'],
  [5, 'access was denied'],
  [137, 'the command was killed, or its memory limit was reached'],
  [9009, 'cmd does not know this program: it is not in the image, or not on the PATH'],
  [0xc000_0005, 'the program read or wrote memory that it does not own'],
  [0xc000_0017, 'there was no memory left'],
  [0xc000_001d, 'the program used an instruction that the processor does not have'],
  [0xc000_007b, 'a DLL is for another kind of processor than the program'],
  [0xc000_00fd, 'the stack was full'],
  [0xc000_0135, 'a DLL that the program needs is not in the image'],
  [0xc000_0139, 'a DLL lacks a function that the program needs'],
  [0xc000_013a, 'the program was ended by Ctrl+C'],
  [0xc000_0142, 'a DLL failed to start'],
  [0xc000_0374, 'the program damaged its heap'],
  [0xc000_0409, 'the program found its own memory damaged, or gave up (fail fast)'],
  [0xe043_4352, 'an exception of .NET was not handled'],
  [0xe06d_7363, 'an exception of C++ was not handled'],
]);
