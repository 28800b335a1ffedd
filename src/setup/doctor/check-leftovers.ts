import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { findGoneOwners } from '../../platform/index.js';
import { type CheckContext, type Finding, note } from './finding.js';

interface Namespace {
  /** The file that keeps it. */
  readonly path: string;
  /** `net:[4026532701]`, as /proc names it. */
  readonly identity: string;
}

/**
 * What daemons that were killed left of their networks, whichever home and run folder they had. A container may outlive its daemon: what a process
 * is in stays unmentioned, and so does everything of a daemon that runs.
 */
export async function checkNetworkLeftovers({ isRoot }: CheckContext): Promise<readonly Finding[]> {
  if (!isRoot) return [];
  const namespaces = leftNamespaces(listeningFolders());
  const gone = await findGoneOwners();
  return [
    ...namespaces.map((path) =>
      note('network.namespace', `a daemon that is gone left ${path}`, `umount -l ${path}; rm ${path}`),
    ),
    ...gone.flatMap(({ bridges }) =>
      bridges.map((name) => note('network.bridge', `a daemon that is gone left the bridge ${name}`, sweep)),
    ),
    ...gone
      .filter(({ hasRules }) => hasRules)
      .map(({ owner }) => note('network.rules', `a daemon that is gone left the firewall rules ${owner}-*`, sweep)),
  ];
}

/** Of whichever home they are. */
const sweep = 'windowbox network prune';

/** Run folders of the daemons that listen. */
function listeningFolders(): ReadonlySet<string> {
  const sockets = readFileSync('/proc/net/unix', 'utf8').matchAll(/ (\/.*)\/windowbox\.sock$/gmu);
  return new Set([...sockets].flatMap(([, folder]) => folder ?? []));
}

function leftNamespaces(runFolders: ReadonlySet<string>): readonly string[] {
  const kept = keptNamespaces().filter(({ path }) => !runFolders.has(path.replace(/\/netns\/[^/]+$/u, '')));
  if (kept.length === 0) return [];
  const inhabited = inhabitedNamespaces();
  return kept.filter(({ identity }) => !inhabited.has(identity)).map(({ path }) => path);
}

/** Those whose file is named as the network part names it. */
function keptNamespaces(): readonly Namespace[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').matchAll(
    /^\S+ \S+ \S+ (?<identity>net:\[\d+\]) (?<path>\/\S+\/netns\/[0-9a-f]{12}) /gmu,
  );
  return [...mounts].map(({ groups }) => ({ path: groups?.['path'] ?? '', identity: groups?.['identity'] ?? '' }));
}

function inhabitedNamespaces(): ReadonlySet<string> {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/u.test(name));
  return new Set(processes.flatMap((pid) => namespaceOf(pid) ?? []));
}

/** Undefined for a process that has ended meanwhile. */
function namespaceOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}
