import type { ProcessSpec } from '../../runtime/index.js';
import type { Container, ContainerRecord } from '../container.js';
import type { ExecSettings } from '../types.js';
import { commandLineOf, joinCommandLine } from './command-line.js';
import { mergeEnvironment, windowsEnvironment } from './environment.js';

/** Number of the container's own program in its sandbox. */
export const mainProcess = 1;

/** What the runtime starts as a container's own program. */
export function mainProcessSpec({ record, unsavedEnv }: Pick<Container, 'record' | 'unsavedEnv'>): ProcessSpec {
  const { effective, settings } = record;
  return {
    number: mainProcess,
    command: commandLineOf([effective.path, ...effective.args], effective.argsEscaped),
    cwd: windowsFolder(effective.workingDir),
    env: windowsEnvironment([...effective.env, ...unsavedEnv], identity(record, effective.user)),
    user: userName(effective.user),
    stdin: settings.openStdin,
    ...(settings.terminal ? { terminal: settings.consoleSize ?? defaultTerminal } : {}),
  };
}

/** What the runtime starts for `docker exec`: the container's environment and folder unless the exec names its own. */
export function execProcessSpec(record: ContainerRecord, settings: ExecSettings, number: number): ProcessSpec {
  const { effective } = record;
  const user = settings.user === '' ? effective.user : settings.user;
  return {
    number,
    command: joinCommandLine(settings.command),
    cwd: windowsFolder(settings.workingDir === '' ? effective.workingDir : settings.workingDir),
    env: windowsEnvironment(mergeEnvironment(effective.env, settings.env), identity(record, user)),
    user: userName(user),
    stdin: settings.attachStdin,
    ...(settings.terminal ? { terminal: settings.consoleSize ?? defaultTerminal } : {}),
  };
}

const defaultTerminal = { columns: 80, rows: 25 };

/** `ContainerUser`, or with the authority in front: `User Manager\ContainerUser`, `.\ContainerUser`. */
function userName(user: string): string {
  const name = user.slice(user.lastIndexOf('\\') + 1);
  const known = ['ContainerUser', 'ContainerAdministrator'].find(
    (candidate) => candidate.toLowerCase() === name.toLowerCase(),
  );
  return known ?? (name === '' ? 'ContainerAdministrator' : name);
}

function identity(record: ContainerRecord, user: string): { hostname: string; user: string; processors?: number } {
  const { hostname, resources } = record.settings;
  return {
    hostname,
    user: userName(user),
    ...(resources.cpuCount > 0 ? { processors: resources.cpuCount } : {}),
  };
}

/** `\app`, `c:/app` or nothing → `C:\app`, `C:\`. */
function windowsFolder(folder: string): string {
  const path = folder.replaceAll('/', '\\');
  if (path === '') return 'C:\\';
  return path.startsWith('\\') ? `C:${path}` : path;
}
