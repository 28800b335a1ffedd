import { baseImages } from './data/base-images.js';
import { hostReleases } from './data/host-releases.js';
import type { Verdict } from './decide.js';
import { profileOf } from './host-profile.js';
import { targetOfBase } from './image-target.js';
import { judgeModes } from './judge-modes.js';
import type { Base, HostProfile, IsolationMode } from './model.js';
import { findBase } from './resolve-base.js';

/** One thing to change, and the command that does it. */
export interface WayOut {
  readonly change: 'flag' | 'tag' | 'rebuild' | 'host' | 'engine' | 'licence';
  /** Full sentence. */
  readonly text: string;
  readonly command?: string;
}

/** What makes the image run, nearest change first: a flag, another tag, another host. Empty when it runs. */
export function waysOut(verdict: Verdict): readonly WayOut[] {
  const ways: WayOut[] = [];
  if (verdict.answer === 'refused') {
    const others = [otherEngine(verdict), otherFlag(verdict), otherTag(verdict), otherHost(verdict)];
    ways.push(...others.filter((way) => way !== undefined));
  }
  if (verdict.licence.answer === 'refused') ways.push(...otherLicence(verdict));
  return ways;
}

/** The newest base of the image's product that this host runs in this mode, as a reference; undefined when there is none. */
export function newestBaseFor(
  host: HostProfile,
  isolation: IsolationMode,
  verdict: Pick<Verdict, 'image' | 'ruleset' | 'strict'>,
): Base | undefined {
  const product = verdict.image.product ?? 'servercore';
  return baseImages
    .filter((entry) => entry.product === product && entry.released !== undefined)
    .map((entry) => findBase(product, entry.build))
    .filter((base) => base !== undefined)
    .toSorted((a, b) => b.build - a.build)
    .find((base) => judgeModes(host, targetOfBase(base), verdict)[isolation].answer === 'allowed');
}

function otherEngine({ refusals, host }: Verdict): WayOut | undefined {
  const client = refusals.find(({ at }) => at === 'create');
  if (client === undefined || host.build < 17763) return undefined;
  const command = `windowbox host use ${host.id} --engine 18.09.1`;
  return { change: 'engine', text: 'Docker Engine 18.09.1 and later allow process isolation on this host.', command };
}

function otherFlag({ image, isolation, modes }: Verdict): WayOut | undefined {
  const other = isolation === 'process' ? 'hyperv' : 'process';
  if (modes[other].answer !== 'allowed') return undefined;
  const name = other === 'hyperv' ? 'Hyper-V isolation' : 'Process isolation';
  return {
    change: 'flag',
    text: `${name} runs it on this host.`,
    command:
      image.reference === undefined ? `--isolation=${other}` : `docker run --isolation=${other} ${image.reference}`,
  };
}

function otherTag(verdict: Verdict): WayOut | undefined {
  const { image, host, isolation } = verdict;
  const base = newestBaseFor(host, isolation, verdict);
  if (base === undefined || base.build === image.osVersion?.build) return undefined;
  if (image.base !== undefined)
    return {
      change: 'tag',
      text: `The same image for build ${String(base.build)} runs in ${isolation} isolation.`,
      command: `docker run --isolation=${isolation} ${base.canonical}`,
    };
  return {
    change: 'rebuild',
    text: `Built on ${base.canonical} it runs in ${isolation} isolation on this host.`,
    command: `FROM ${base.canonical}`,
  };
}

/** The oldest host that runs it in the mode asked for; of the same kind where there is one. */
function otherHost(verdict: Verdict): WayOut | undefined {
  const { host, image, isolation } = verdict;
  const runs = hostReleases
    .toSorted((a, b) => a.build - b.build)
    .map((release) => profileOf(release))
    .filter((candidate) => judgeModes(candidate, image, verdict)[isolation].answer === 'allowed');
  const found = runs.find(({ kind }) => kind === host.kind) ?? runs[0];
  if (found === undefined) return undefined;
  return {
    change: 'host',
    text: `The first host that runs it in ${isolation} isolation is ${found.name}.`,
    command: `windowbox host use ${found.id}`,
  };
}

function otherLicence({ host, isolation }: Verdict): readonly WayOut[] {
  if (host.kind === 'client')
    return [
      {
        change: 'licence',
        text: 'Production needs a Windows Server host.',
        command: 'windowbox host use windows-server-2025 --edition datacenter',
      },
    ];
  if (isolation !== 'hyperv') return [];
  return [
    {
      change: 'licence',
      text: 'Windows Server Datacenter has no limit on Hyper-V-isolated containers.',
      command: `windowbox host use ${host.id} --edition datacenter`,
    },
  ];
}
