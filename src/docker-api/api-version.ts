import { WindowboxError } from '../errors/index.js';

/** The oldest version of the Engine API that we answer. Docker Engine 29 refuses it, 28 and older do not; Debian's docker-compose asks for it. */
export const oldestApiVersion = '1.24';
/** The newest version of the Engine API that we answer, and the one of a request without a version. */
export const newestApiVersion = '1.54';

/** `-1`, `0` or `1`, as `left` is older than, the same as or newer than `right`. Both are `MAJOR.MINOR`. */
export function compareApiVersions(left: string, right: string): number {
  const a = numbersOf(left);
  const b = numbersOf(right);
  return Math.sign(a[0] - b[0] || a[1] - b[1]);
}

/** True when `version` is `bound` or newer. */
export function isAtLeast(version: string, bound: string): boolean {
  return compareApiVersions(version, bound) >= 0;
}

/**
 * The version that a request is answered in.
 *
 * @param requested What stood in the path, without the `v`; undefined: nothing.
 * @throws WindowboxError `invalid-argument` with Docker's text, on which clients match to negotiate.
 */
export function negotiateApiVersion(requested: string | undefined): string {
  if (requested === undefined) return newestApiVersion;
  if (compareApiVersions(requested, oldestApiVersion) < 0)
    throw new WindowboxError(
      'invalid-argument',
      `client version ${requested} is too old. Minimum supported API version is ${oldestApiVersion}, please upgrade your client to a newer version`,
    );
  if (compareApiVersions(requested, newestApiVersion) > 0)
    throw new WindowboxError(
      'invalid-argument',
      `client version ${requested} is too new. Maximum supported API version is ${newestApiVersion}`,
    );
  return requested;
}

/** Asked some ten times a request, nearly always for the same few: kept for what we speak, computed for what a client makes up. */
function numbersOf(version: string): Numbers {
  const known = numbers.get(version);
  if (known !== undefined) return known;
  const [major, minor] = version.split('.');
  const parsed: Numbers = [Number(major ?? 0), Number(minor ?? 0)];
  if (numbers.size < longestTable) numbers.set(version, parsed);
  return parsed;
}

type Numbers = readonly [number, number];
const numbers = new Map<string, Numbers>();
/** More than there are versions; a client that sends others cannot make the table grow. */
const longestTable = 100;
