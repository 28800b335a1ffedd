import { cpus } from 'node:os';

/**
 * The environment of a program in a Windows container: what Windows itself sets, then the image's and the container's own.
 * Windows' names do not regard case: a later `Path` replaces an earlier `PATH`, and the later spelling stays.
 */
export function windowsEnvironment(
  given: readonly string[],
  about: { readonly hostname: string; readonly user: string; readonly processors?: number },
): Record<string, string> {
  const result = new Map<string, readonly [string, string]>();
  const set = (name: string, value: string): void => {
    result.set(name.toUpperCase(), [name, value]);
  };
  for (const [name, value] of Object.entries(systemEnvironment(about))) set(name, value);
  for (const entry of given) {
    const [name, value] = splitEntry(entry);
    if (value !== undefined) set(name, value);
    else result.delete(name.toUpperCase());
  }
  return Object.fromEntries(result.values());
}

/** Joins lists of `NAME=value`; later ones win, without regard to case. Docker keeps the order of first appearance. */
export function mergeEnvironment(...lists: readonly (readonly string[])[]): string[] {
  const result = new Map<string, string>();
  for (const entry of lists.flat()) result.set(splitEntry(entry)[0].toUpperCase(), entry);
  return [...result.values()];
}

/** A name may itself begin with `=` (cmd keeps its folder a drive in `=C:`). */
function splitEntry(entry: string): [name: string, value: string | undefined] {
  const at = entry.indexOf('=', 1);
  return at === -1 ? [entry, undefined] : [entry.slice(0, at), entry.slice(at + 1)];
}

/**
 * Source: `set` in mcr.microsoft.com/windows/servercore and nanoserver, as documented and reported. Path and PATHEXT come from the registry of the base,
 * where installers add to them, and what describes the processors from the guest, which sees them.
 */
function systemEnvironment(about: {
  readonly hostname: string;
  readonly user: string;
  readonly processors?: number;
}): Record<string, string> {
  const profile = `C:\\Users\\${about.user}`;
  return {
    ALLUSERSPROFILE: 'C:\\ProgramData',
    APPDATA: `${profile}\\AppData\\Roaming`,
    CommonProgramFiles: 'C:\\Program Files\\Common Files',
    'CommonProgramFiles(x86)': 'C:\\Program Files (x86)\\Common Files',
    CommonProgramW6432: 'C:\\Program Files\\Common Files',
    COMPUTERNAME: about.hostname.toUpperCase().slice(0, 15),
    ComSpec: 'C:\\Windows\\system32\\cmd.exe',
    LOCALAPPDATA: `${profile}\\AppData\\Local`,
    NUMBER_OF_PROCESSORS: String(about.processors ?? cpus().length),
    OS: 'Windows_NT',
    PROCESSOR_ARCHITECTURE: 'AMD64',
    ProgramData: 'C:\\ProgramData',
    ProgramFiles: 'C:\\Program Files',
    'ProgramFiles(x86)': 'C:\\Program Files (x86)',
    ProgramW6432: 'C:\\Program Files',
    PROMPT: '$P$G',
    PUBLIC: 'C:\\Users\\Public',
    SystemDrive: 'C:',
    SystemRoot: 'C:\\Windows',
    TEMP: `${profile}\\AppData\\Local\\Temp`,
    TMP: `${profile}\\AppData\\Local\\Temp`,
    USERDOMAIN: 'User Manager',
    USERNAME: about.user,
    USERPROFILE: profile,
    windir: 'C:\\Windows',
  };
}
