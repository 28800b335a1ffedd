/** A Windows version as images and hosts state it: `10.0.17763.1039`. The revision (UBR) is often absent: a host's `OSVersion` has three parts. */
export interface OsVersion {
  readonly major: number;
  readonly minor: number;
  readonly build: number;
  readonly revision?: number;
}

/**
 * Reads `10.0.B` or `10.0.B.R`. Undefined for anything else: Docker and containerd let a missing or shorter version pass as
 * "unknown", so a caller must decide what unknown means.
 */
export function parseOsVersion(text: string): OsVersion | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, major, minor, build, revision] = match;
  const version = { major: Number(major), minor: Number(minor), build: Number(build) };
  return revision === undefined ? version : { ...version, revision: Number(revision) };
}

/** `10.0.17763.1039`, or `10.0.17763` where the revision is unknown. */
export function formatOsVersion(version: OsVersion): string {
  const text = formatBuildVersion(version);
  return version.revision === undefined ? text : `${text}.${String(version.revision)}`;
}

/** The first three parts, `10.0.17763`: what Docker compares and prints. */
export function formatBuildVersion(version: OsVersion): string {
  return `${String(version.major)}.${String(version.minor)}.${String(version.build)}`;
}

/** Negative when `a` is older. A version without revision counts as revision 0. Numbers, not text: 33296 is newer than 4061. */
export function compareOsVersions(a: OsVersion, b: OsVersion): number {
  return a.major - b.major || a.minor - b.minor || a.build - b.build || (a.revision ?? 0) - (b.revision ?? 0);
}

/** Nine digits keep every part an exact number; Windows' own parts have five at most. Leading zeros would not print back. */
const part = '(0|[1-9][0-9]{0,8})';
const pattern = new RegExp(`^${part}\\.${part}\\.${part}(?:\\.${part})?$`, 'u');
