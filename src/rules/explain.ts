import { formatOsVersion, type OsVersion, parseOsVersion } from '../oci/index.js';
import { hcsAdvice } from './data/hcs-advice.js';
import { type HcsError, hcsErrors } from './data/hcs-errors.js';
import { hostReleases } from './data/host-releases.js';
import { type KnownMessage, knownMessages } from './data/known-messages.js';
import { profileOf } from './host-profile.js';
import { newestBaseFor } from './ways-out.js';

/** What an error means. Plain data. */
export interface Explanation {
  readonly id: string;
  readonly title: string;
  /** `0xC0370101`, where the error has one. */
  readonly code?: string;
  /** Names of the code, as HRESULT and as system error. */
  readonly names?: readonly string[];
  readonly meaning: string;
  readonly causes: readonly string[];
  readonly ways: readonly string[];
  readonly source: string;
  /** Versions found in the text. */
  readonly host?: OsVersion;
  readonly image?: OsVersion;
}

/** Explains an error message, or a code alone, as people paste it. Empty when nothing in it is known. */
export function explain(text: string): readonly Explanation[] {
  const shortened = text.slice(0, maxLength);
  const versions = versionsIn(shortened);
  const known = knownMessages.find(({ pattern }) => pattern.test(shortened));
  const codes = hcsErrorsIn(shortened).map((found) => explainCode(found));
  const messages = known === undefined ? [] : [explainMessage(known)];
  return [...messages, ...codes].map((explanation) => withVersions(explanation, versions));
}

/** Every HCS code, explained: the reference page is made of it. */
export function explainedHcsErrors(): readonly Explanation[] {
  return hcsErrors.map((error) => explainCode({ error, prefix: error.errno === undefined ? '0x8037' : '0xC037' }));
}

interface FoundCode {
  readonly error: HcsError;
  readonly prefix: string;
}

function hcsErrorsIn(text: string): readonly FoundCode[] {
  const found = new Map<number, FoundCode>();
  for (const match of text.matchAll(/\b(?:0x)?(?<prefix>[8c]037)(?<low>[0-9a-f]{4})\b/giu)) {
    const { prefix = '', low = '' } = match.groups ?? {};
    const error = hcsErrors.find((candidate) => candidate.low === Number.parseInt(low, 16));
    if (error !== undefined) found.set(error.low, { error, prefix: `0x${prefix.toUpperCase()}` });
  }
  for (const error of hcsErrors) {
    if (found.has(error.low)) continue;
    const names = [error.hresult, error.errno].filter((name) => name !== undefined);
    const isNamed = names.some((name) => text.includes(name));
    const isQuoted = error.low === mismatch && mismatchTexts.test(text);
    if (isNamed || isQuoted) found.set(error.low, { error, prefix: error.errno === undefined ? '0x8037' : '0xC037' });
  }
  return [...found.values()];
}

function explainMessage({ id, title, meaning, causes, ways, source }: KnownMessage): Explanation {
  return { id, title, meaning, causes, ways, source };
}

function explainCode({ error, prefix }: FoundCode): Explanation {
  const advice = hcsAdvice[error.low];
  const low = error.low.toString(16).toUpperCase().padStart(4, '0');
  const text = error.text ?? 'No published text';
  return {
    id: `hcs-${low.toLowerCase()}`,
    title: text,
    code: `${prefix}${low}`,
    names: [error.errno, error.hresult].filter((name) => name !== undefined),
    meaning: advice?.meaning ?? `${text.replace(/\.$/u, '')}.`,
    causes: advice?.causes ?? [],
    ways: advice?.ways ?? [],
    source: advice?.source ?? 'MicrosoftDocs: virtualization/api/hcs/Reference/HCSHResult.md; golang.org/x/sys/windows',
  };
}

interface Versions {
  readonly host?: OsVersion;
  readonly image?: OsVersion;
}

function versionsIn(text: string): Versions {
  const of = (pattern: RegExp): OsVersion | undefined => parseOsVersion(pattern.exec(text)?.groups?.['version'] ?? '');
  const host =
    of(/incompatible with a (?<version>10\.0\.[0-9.]*[0-9]) host/iu) ??
    of(/no matching manifest for windows\/amd64 (?<version>10\.0\.[0-9.]*[0-9])/iu) ??
    of(/no matching manifest for windows\((?<version>10\.0\.[0-9.]*[0-9])[+)]/iu);
  const image = of(/Windows version (?<version>10\.0\.[0-9.]*[0-9])-based image/iu);
  return { ...(host === undefined ? {} : { host }), ...(image === undefined ? {} : { image }) };
}

function withVersions(explanation: Explanation, versions: Versions): Explanation {
  const { host, image } = versions;
  const more = [
    ...(host === undefined ? [] : describeHostVersion(host)),
    ...(image === undefined ? [] : describeImageVersion(image)),
  ];
  return {
    ...explanation,
    ...versions,
    causes: [...more, ...explanation.causes],
    ways: [...waysFor(host), ...explanation.ways],
  };
}

function describeHostVersion(host: OsVersion): readonly string[] {
  const names = hostReleases.filter(({ build }) => build === host.build).map(({ name }) => name);
  return [`The host is ${formatOsVersion(host)}${names.length === 0 ? '' : `: ${names.join(' or ')}`}.`];
}

function describeImageVersion(image: OsVersion): readonly string[] {
  const first = hostReleases.toSorted((a, b) => a.build - b.build).find(({ build }) => build >= image.build);
  const needs = first === undefined ? '' : `: it needs ${first.name} or later`;
  return [`The image is ${formatOsVersion(image)}${needs}.`];
}

function waysFor(host: OsVersion | undefined): readonly string[] {
  const release = hostReleases.find(({ build }) => build === host?.build);
  if (release === undefined) return [];
  const query = { image: { label: '', product: 'servercore' as const }, ruleset: 'windowbox', strict: false };
  const base = newestBaseFor(profileOf(release), 'hyperv', query);
  return base === undefined ? [] : [`The newest base image that this host runs is ${base.canonical}.`];
}

const maxLength = 20_000;
const mismatch = 0x0101;
const mismatchTexts =
  /container operating system does not match the host operating system|operating system of the container does not match/iu;
