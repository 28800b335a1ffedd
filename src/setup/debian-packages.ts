import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { WindowboxError } from '../errors/index.js';
import { runCommand } from '../platform/index.js';

/**
 * Fetches Debian packages of another release than the host's, without touching the host's apt: package lists, status and cache are in
 * `folder`. apt checks Debian's signature on the lists and the lists' hash on each package. The host's proxy settings apply.
 */
export async function openDebianArchive(folder: string, suites: readonly string[]): Promise<DebianArchive> {
  await rm(folder, { recursive: true, force: true });
  for (const name of ['lists/partial', 'cache/archives/partial', 'debs'])
    await mkdir(join(folder, name), { recursive: true });
  const mirror = await findMirror();
  await writeFile(join(folder, 'sources.list'), sourceLines(suites, mirror));
  await writeFile(join(folder, 'status'), '');
  const options = aptOptions(folder);
  await runCommand('apt-get', [...options, '-qq', 'update'], { timeoutMs: 180_000 }).catch(explainApt);
  return {
    dependency: async (name, pattern) => findDependency(options, name, pattern),
    download: async (names) => {
      const debs = join(folder, 'debs');
      await runCommand('apt-get', [...options, '-qq', 'download', ...names], { cwd: debs, timeoutMs: 900_000 }).catch(
        explainApt,
      );
      return (await readdir(debs)).filter((file) => file.endsWith('.deb')).map((file) => join(debs, file));
    },
    downloadFile: async ({ path, sha256 }) => {
      const target = join(folder, basename(path));
      const helper = ['download-file', `${mirror.main}/${path}`, target, `SHA256:${sha256}`];
      await runCommand('/usr/lib/apt/apt-helper', helper, { timeoutMs: 900_000 }).catch(explainApt);
      return target;
    },
    close: async () => rm(folder, { recursive: true, force: true }),
  };
}

export interface DebianArchive {
  /** The first direct dependency of a package whose name matches. @throws WindowboxError `not-found`. */
  dependency(name: string, pattern: RegExp): Promise<string>;
  /** Paths of the `.deb` files of all that was downloaded so far. */
  download(names: readonly string[]): Promise<readonly string[]>;
  /** One file of the archive, checked against its SHA-256. */
  downloadFile(file: { readonly path: string; readonly sha256: string }): Promise<string>;
  close(): Promise<void>;
}

interface Mirror {
  readonly main: string;
  readonly security: string;
}

function sourceLines(suites: readonly string[], mirror: Mirror): string {
  return suites
    .map((suite) => {
      const archive = suite.endsWith('-security') ? mirror.security : mirror.main;
      return `deb [signed-by=${keyring}] ${archive} ${suite} main\n`;
    })
    .join('');
}

/**
 * The mirror that this machine's own apt uses, so that whoever has a mirror of his own, or no other way out, need not say it twice.
 *
 * @throws WindowboxError `unavailable` when apt has no source of Debian.
 */
async function findMirror(): Promise<Mirror> {
  const asked = process.env['WINDOWBOX_DEBIAN_MIRROR'];
  if (asked !== undefined) return { main: `${asked}/debian`, security: `${asked}/debian-security` };
  const { stdout } = await runCommand('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages'], {
    timeoutMs: 30_000,
  });
  const sources = stdout.split('\n').map((line) => line.trim().replace(/\/$/u, ''));
  const main = sources.find((uri) => uri.endsWith('/debian'));
  if (main === undefined)
    throw new WindowboxError('unavailable', 'Cannot find a Debian mirror: the sources of apt name none', {
      hint: 'Add Debian to /etc/apt/sources.list, or set WINDOWBOX_DEBIAN_MIRROR to the address of a mirror, without the last "/debian".',
    });
  const security = sources.find((uri) => uri.endsWith('-security')) ?? `${main}-security`;
  return { main, security };
}

function aptOptions(folder: string): readonly string[] {
  const settings: Readonly<Record<string, string>> = {
    'Dir::State': folder,
    'Dir::State::status': join(folder, 'status'),
    'Dir::State::lists': join(folder, 'lists'),
    'Dir::Cache': join(folder, 'cache'),
    'Dir::Etc::sourcelist': join(folder, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    'APT::Architecture': 'amd64',
    'APT::Architectures': 'amd64',
    'APT::Default-Release': '',
    'APT::Sandbox::User': 'root',
    'APT::Update::Error-Mode': 'any',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '3',
  };
  return Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
}

async function findDependency(options: readonly string[], name: string, pattern: RegExp): Promise<string> {
  const { stdout } = await runCommand('apt-cache', [...options, 'depends', name], { timeoutMs: 60_000 });
  const found = [...stdout.matchAll(/Depends: (\S+)/gu)]
    .map((match) => match[1] ?? '')
    .find((each) => pattern.test(each));
  if (found !== undefined) return found;
  throw new WindowboxError('not-found', `Cannot find the package behind "${name}": Debian's list names none`);
}

function explainApt(cause: unknown): never {
  throw new WindowboxError(
    'unavailable',
    `Cannot fetch Debian packages: ${cause instanceof Error ? cause.message : 'apt failed'}`,
    {
      hint: 'Check the network and the proxy. WINDOWBOX_DEBIAN_MIRROR names another mirror; "windowbox setup --import FILE" needs no network.',
      cause,
    },
  );
}

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
