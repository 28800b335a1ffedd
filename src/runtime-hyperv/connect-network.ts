import { WindowboxError } from '../errors/index.js';
import { runCommand } from '../platform/index.js';
import type { SandboxNetwork } from '../runtime/index.js';
import { vmUser } from './context.js';
import { type NetworkCard, tapNames, type VmNetwork } from './network-cards.js';
import { readInterfaces } from './read-interfaces.js';

const timeoutMs = 10_000;

/**
 * Puts a VM in the place of the network namespace's own stack: every packet that arrives at one of its interfaces goes to a tap device, and
 * back. The guest then has the interfaces' hardware and internet addresses, and whoever set the networks up sees no difference. The taps
 * of cards that are not connected are there too, since QEMU opens them all when it starts. Undefined without a network. Can be done
 * again on the same namespace before QEMU has opened it.
 *
 * @throws WindowboxError `internal`, `unsupported` for more networks than the machine has cards.
 */
export async function connectNetwork(network: SandboxNetwork): Promise<VmNetwork | undefined> {
  if (network.mode === 'none') return undefined;
  const { path } = network;
  const [{ taps, ...found }, wired] = await Promise.all([readInterfaces(path), readWired(path)]);
  const owner = String(vmUser);
  await batch(path, 'ip', [
    ...taps.map((tap) => `link delete ${tap}`),
    ...tapNames.map((tap) => `tuntap add dev ${tap} mode tap user ${owner} group ${owner}`),
  ]);
  const old = found.cards.map(interfaceOf).filter((name) => wired.has(name));
  await wire(path, { cut: old, cards: found.cards });
  return found;
}

/** Wires the interfaces that the namespace has got since, and cuts the wires of those that it has not any more. */
export async function rewireNetwork(network: SandboxNetwork): Promise<VmNetwork> {
  if (network.mode === 'none') return { cards: [] };
  const { path } = network;
  const [{ taps, ...found }, wired] = await Promise.all([readInterfaces(path), readWired(path)]);
  if (taps.length < tapNames.length)
    throw new WindowboxError('internal', 'Cannot connect the VM: its network namespace has lost its wires');
  const fresh = found.cards.filter((card) => !wired.has(interfaceOf(card)));
  const kept = new Set(found.cards.filter((card) => !fresh.includes(card)).map(tapOf));
  // An interface that went and came again is another one: what leads to the old one goes first.
  const cut = tapNames.filter((tap) => wired.has(tap) && !kept.has(tap));
  await batch(
    path,
    'ip',
    cut.map((tap) => `link set dev ${tap} down`),
  );
  await wire(path, { cut, cards: fresh });
  return found;
}

async function wire(
  namespace: string,
  change: { readonly cut: readonly string[]; readonly cards: readonly NetworkCard[] },
): Promise<void> {
  const { cut, cards } = change;
  await batch(
    namespace,
    'ip',
    cards.map((card) => `link set dev ${tapOf(card)} mtu ${String(card.mtu)} up`),
  );
  const ends = cards.flatMap((card) => {
    const [inside, tap] = [interfaceOf(card), tapOf(card)];
    return [
      { from: inside, to: tap },
      { from: tap, to: inside },
    ];
  });
  await batch(namespace, 'tc', [
    ...cut.map((name) => `qdisc del dev ${name} ingress`),
    ...ends.flatMap(({ from, to }) => [
      `qdisc add dev ${from} ingress`,
      `filter add dev ${from} parent ffff: protocol all u32 match u32 0 0 action mirred egress redirect dev ${to}`,
    ]),
  ]);
}

/** Names of what leads its packets elsewhere. */
async function readWired(namespace: string): Promise<ReadonlySet<string>> {
  const args = [`--net=${namespace}`, '--', 'tc', '-json', 'qdisc', 'show'];
  const { stdout } = await runCommand('nsenter', args, { timeoutMs });
  const parsed: unknown = JSON.parse(stdout.trim() === '' ? '[]' : stdout);
  const names = (Array.isArray(parsed) ? parsed : []).flatMap((each: unknown) =>
    typeof each === 'object' && each !== null && 'kind' in each && each.kind === 'ingress' && 'dev' in each
      ? [String(each.dev)]
      : [],
  );
  return new Set(names);
}

function tapOf({ index }: NetworkCard): string {
  return tapNames[index] ?? '';
}

function interfaceOf({ index }: NetworkCard): string {
  return `eth${String(index)}`;
}

/** One process for all of it. */
async function batch(namespace: string, program: 'ip' | 'tc', lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  const input = lines.map((line) => `${line}\n`).join('');
  await runCommand('nsenter', [`--net=${namespace}`, '--', program, '-batch', '-'], { input, timeoutMs });
}
