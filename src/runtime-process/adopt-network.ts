import { WindowboxError } from '../errors/index.js';
import { runCommand } from '../platform/index.js';

/**
 * Gives a running sandbox the network that was set up in the namespace at `path`: interfaces move into the sandbox's own
 * namespace and get their addresses and routes again, which the kernel takes away on the move. Then `path` names the sandbox's
 * namespace, so that whoever set the network up goes on with the same name: removing it, adding to it, counting its bytes.
 *
 * @throws WindowboxError `internal`.
 */
export async function adoptNetwork(path: string, pid: number): Promise<void> {
  const own = `/proc/${String(pid)}/ns/net`;
  const network = await readNetwork(path);
  const names = network.links.map(({ name }) => name);
  await runCommand('nsenter', [`--net=${path}`, '--', 'ip', '-batch', '-'], {
    input: names.map((name) => `link set dev ${name} netns ${String(pid)}\n`).join(''),
    timeoutMs,
  });
  await runCommand('nsenter', [`--net=${own}`, '--', 'ip', '-batch', '-'], { input: setUp(network), timeoutMs });
  await runCommand('umount', [path], { timeoutMs });
  await runCommand('mount', ['--bind', own, path], { timeoutMs });
}

const timeoutMs = 5000;

interface Network {
  readonly links: readonly { readonly name: string; readonly addresses: readonly string[] }[];
  readonly routes: readonly string[];
}

async function readNetwork(path: string): Promise<Network> {
  const script = 'ip -json address show && ip -json route show && ip -json -6 route show';
  const { stdout } = await runCommand('nsenter', [`--net=${path}`, '--', '/bin/sh', '-c', script], { timeoutMs });
  const [links = [], routes = [], routes6 = []] = stdout
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(parseList);
  return {
    links: links.filter((link) => text(link, 'ifname') !== 'lo').map(toLink),
    // What the kernel itself derives from an address comes back with the address.
    routes: [...routes, ...routes6].filter((route) => text(route, 'protocol') !== 'kernel').map(toRoute),
  };
}

type Fields = ReadonlyMap<string, unknown>;

function toLink(link: Fields): Network['links'][number] {
  const listed = link.get('addr_info');
  const addresses = (Array.isArray(listed) ? listed : [])
    .map(toFields)
    .filter((address) => text(address, 'scope') !== 'link')
    .map((address) => {
      const broadcast = text(address, 'broadcast');
      const detail = broadcast === '' ? '' : ` broadcast ${broadcast}`;
      const quick = text(address, 'family') === 'inet6' ? ' nodad' : '';
      return `${text(address, 'local')}/${text(address, 'prefixlen')}${detail}${quick}`;
    });
  return { name: word(text(link, 'ifname')), addresses };
}

function toRoute(route: Fields): string {
  const parts = [
    ['', text(route, 'dst')],
    ['via', text(route, 'gateway')],
    ['dev', text(route, 'dev')],
    ['metric', text(route, 'metric')],
  ] as const;
  return parts
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name} ${word(value)}`.trim())
    .join(' ');
}

function setUp({ links, routes }: Network): string {
  const lines = links.flatMap(({ name, addresses }) => [
    ...addresses.map((address) => `address add ${address} dev ${name}`),
    `link set dev ${name} up`,
  ]);
  return [...lines, ...routes.map((route) => `route replace ${route}`)].map((line) => `${line}\n`).join('');
}

function parseList(line: string): readonly Fields[] {
  const parsed: unknown = JSON.parse(line);
  return Array.isArray(parsed) ? parsed.map(toFields) : [];
}

function toFields(value: unknown): Fields {
  return new Map(Object.entries(typeof value === 'object' && value !== null ? value : {}));
}

function text(fields: Fields, name: string): string {
  const value = fields.get(name);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** A batch is split at white space: nothing that holds any may get into it. */
function word(value: string): string {
  if (/^[\w.:/@-]+$/u.test(value)) return value;
  throw new WindowboxError('internal', `Cannot move network: "${value}" is no word`);
}
