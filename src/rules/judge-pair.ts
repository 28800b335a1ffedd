import { sources } from './data/sources.js';
import { engine, parseEngineVersion } from './engine-version.js';
import { noRefusals, type Refusal, refusalsFor } from './docker-refusals.js';
import { daemonRefusesBuild, processRefusedOnClient } from './docker-texts.js';
import type {
  Answer,
  BaseProduct,
  Disagreement,
  HostProfile,
  ImageTarget,
  IsolationMode,
  Opinion,
  Pair,
  Ruleset,
  Warning,
} from './model.js';
import { disputeWarnings } from './warnings.js';
import { defaultRuleset, findRuleset, rulesets } from './rulesets/index.js';
import { earlierAnswer } from './rulesets/microsoft.js';
import { describeReport, reportsOf, sourceOfReport } from './rulesets/observed.js';

/** The answer for one isolation mode: what decides, and who says otherwise. */
export interface ModeVerdict extends Opinion {
  readonly ruleset: string;
  readonly disagreements: readonly Disagreement[];
  readonly warnings: readonly Warning[];
  /** What Docker says where the answer is "refused"; empty where no text of Docker's belongs to it. */
  readonly refusals: readonly Refusal[];
  /** Windows does not refuse it by itself: the container fails at start or while it runs. */
  readonly failsLater?: true;
}

export type ModeVerdicts = Readonly<Record<IsolationMode, ModeVerdict>>;

export interface JudgeOptions {
  readonly ruleset?: string;
  /** Only what no source denies: an allowed answer that any other ruleset refuses becomes refused. */
  readonly strict?: boolean;
}

/**
 * Judges an image on a host in both modes. The answer depends on builds, kind, engine and product alone, and is remembered.
 *
 * @throws WindowboxError as {@link findRuleset}.
 */
export function judgePair(host: HostProfile, image: ImageTarget, options: JudgeOptions = {}): ModeVerdicts {
  if (host.liftsBuildRules) return lifted;
  if (image.osVersion === undefined) return unstated;
  const name = options.ruleset ?? defaultRuleset;
  const strict = options.strict === true;
  const memory = memoryOf(host, strict ? `${name} strict` : name);
  const key = imageKey(image.osVersion.build, image.product);
  const known = memory.get(key);
  if (known !== undefined) return known;
  const pair: Pair = {
    kind: host.kind,
    hostBuild: host.build,
    imageBuild: image.osVersion.build,
    engine: parseEngineVersion(host.engine),
    product: image.product,
  };
  const ruleset = findRuleset(name);
  const verdicts = {
    process: judgeMode(pair, 'process', { ruleset, strict }),
    hyperv: judgeMode(pair, 'hyperv', { ruleset, strict }),
  };
  memory.set(key, verdicts);
  return verdicts;
}

interface ModeOptions {
  readonly ruleset: Ruleset;
  readonly strict: boolean;
}

function judgeMode(pair: Pair, mode: IsolationMode, { ruleset, strict }: ModeOptions): ModeVerdict {
  const opinion = judgeEngine(pair, mode) ?? ruleset.judge(pair)[mode];
  const disagreements = disagreementsWith(pair, mode, opinion);
  const decided: ModeVerdict = {
    ...opinion,
    ruleset: ruleset.name,
    disagreements,
    warnings: opinion.answer === 'allowed' ? disputeWarnings(disagreements) : [],
    refusals: opinion.answer === 'refused' ? refusalsFor(pair, mode) : noRefusals,
  };
  const denial = decided.disagreements.find(
    ({ answer, ruleset: other }) => answer === 'refused' && !other.includes('@'),
  );
  if (!strict || decided.answer !== 'allowed' || denial === undefined) return decided;
  const reason = `strict: ${denial.ruleset} denies it (${denial.reason})`;
  const allowed = { ruleset: ruleset.name, answer: opinion.answer, reason: opinion.reason, source: opinion.source };
  return {
    answer: 'refused',
    reason,
    source: denial.source,
    ruleset: ruleset.name,
    disagreements: [allowed],
    warnings: [],
    refusals: refusalsFor(pair, mode),
  };
}

/** What the engine refuses by itself, before any ruleset: to start on this build at all, and process isolation on clients. */
function judgeEngine(pair: Pair, mode: IsolationMode): Opinion | undefined {
  const daemon = daemonRefusesBuild(pair.engine, pair.hostBuild);
  if (daemon !== undefined)
    return { answer: 'refused', reason: `Docker does not start: ${daemon}`, source: sources.dockerClient };
  if (mode === 'hyperv' || pair.kind === 'server') return undefined;
  const text = processRefusedOnClient(pair.engine, pair.hostBuild);
  return text === undefined
    ? undefined
    : { answer: 'refused', reason: `Docker refuses: ${text}`, source: sources.dockerClient };
}

function disagreementsWith(pair: Pair, mode: IsolationMode, opinion: Opinion): readonly Disagreement[] {
  if (opinion.answer === 'unknown') return [];
  const others = rulesets
    .filter(({ name }) => name !== 'observed')
    .map((ruleset) => ({ ruleset: ruleset.name, ...ruleset.judge(pair)[mode] }))
    .filter(({ answer }) => answer !== 'unknown' && answer !== opinion.answer)
    // To let a pull pass is no claim that the image runs.
    .filter(({ ruleset, answer }) => ruleset !== 'docker-pull' || answer === 'refused');
  const reported = reportsOf(pair, mode)
    .filter(({ works }) => works !== (opinion.answer === 'allowed'))
    .map((report) => ({
      ruleset: 'observed',
      answer:
        report.conditional === true ? ('unknown' as const) : report.works ? ('allowed' as const) : ('refused' as const),
      reason: describeReport(report),
      source: sourceOfReport(report),
    }));
  const pageAgrees = others.every(({ ruleset }) => ruleset !== 'microsoft');
  return [...others, ...reported, ...(pageAgrees ? earlierPages(pair, mode, opinion.answer) : [])];
}

function earlierPages(pair: Pair, mode: IsolationMode, answer: Answer): readonly Disagreement[] {
  const earlier = earlierAnswer(pair, mode, answer);
  if (earlier === undefined) return [];
  return [{ ruleset: `microsoft@${earlier.source.date ?? ''}`, ...earlier }];
}

/** Questions come host by host, so the last host's memory is kept at hand. Keys are small numbers, which a map finds fastest. */
function memoryOf(host: HostProfile, ruleset: string): Map<number, ModeVerdicts> {
  if (host === last.host && ruleset === last.ruleset) return last.memory;
  const byHost = memories.get(ruleset) ?? new Map<number, Map<number, ModeVerdicts>>();
  memories.set(ruleset, byHost);
  const key = hostKey(host, parseEngineVersion(host.engine));
  const memory = byHost.get(key) ?? new Map<number, ModeVerdicts>();
  byHost.set(key, memory);
  last = { host, ruleset, memory };
  return memory;
}

function hostKey({ kind, build }: HostProfile, engineVersion: number): number {
  return build * 20 + eraOf(engineVersion) * 2 + (kind === 'server' ? 1 : 0);
}

function imageKey(build: number, product: BaseProduct | undefined): number {
  return build * 5 + (product === undefined ? 0 : productNumbers[product]);
}

/** Engine versions between two changes of rules or texts answer alike. */
function eraOf(version: number): number {
  let era = 0;
  while (era < eraStarts.length && version >= (eraStarts[era] ?? 0)) era += 1;
  return era;
}

const eraStarts = [
  engine(1, 12),
  engine(1, 13),
  engine(18, 4),
  engine(18, 9),
  engine(18, 9, 1),
  engine(19, 3),
  engine(23, 0),
];
const productNumbers = { nanoserver: 1, servercore: 2, server: 3, windows: 4 } as const;
const memories = new Map<string, Map<number, Map<number, ModeVerdicts>>>();
let last: { host: HostProfile | undefined; ruleset: string; memory: Map<number, ModeVerdicts> } = {
  host: undefined,
  ruleset: '',
  memory: new Map(),
};

const liftedMode: ModeVerdict = {
  answer: 'allowed',
  reason: 'the host profile "any" lifts the build rules',
  source: sources.liftedRules,
  ruleset: 'windowbox',
  disagreements: [],
  warnings: [],
  refusals: noRefusals,
};
const lifted: ModeVerdicts = { process: liftedMode, hyperv: liftedMode };
const unstatedMode: ModeVerdict = {
  answer: 'unknown',
  reason: 'the image states no os.version, which passes every check before start',
  source: sources.noOsVersion,
  ruleset: 'windowbox',
  disagreements: [],
  warnings: [],
  refusals: noRefusals,
};
const unstated: ModeVerdicts = { process: unstatedMode, hyperv: unstatedMode };
