import type { WindowboxError } from '../../errors/index.js';

/**
 * Docker's exit code for a container that could not be started: 127 when Windows finds no such program, 126 when it may not or
 * cannot run it, 125 for everything else. Docker matches on the same words.
 */
export function startFailureCode(error: WindowboxError): 125 | 126 | 127 {
  const text = error.message;
  if (/executable file not found|no such file or directory|system cannot find the (?:file|path) specified/iu.test(text))
    return 127;
  if (/permission denied|is a directory|access is denied|is not a valid win32 application/iu.test(text)) return 126;
  return 125;
}

/**
 * What our own exit code is for a program's. Linux keeps the low eight bits, so `3221225781` (0xC0000135) shows as 53; a code
 * whose low byte is 0 would look like success, so it becomes 255.
 */
export function processExitCode(programCode: number): number {
  const low = programCode & 0xff;
  return programCode !== 0 && low === 0 ? 255 : low;
}
