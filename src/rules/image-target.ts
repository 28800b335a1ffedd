import { formatOsVersion, type OsVersion, parseOsVersion } from '../oci/index.js';
import type { Base, ImageTarget } from './model.js';

/** An image made on a base, or the base itself, as the rules look at it. */
export function targetOfBase(base: Base, label: string = base.canonical): ImageTarget {
  return { label, reference: base.canonical, osVersion: base.osVersion, product: base.product, base };
}

/** An image by the `os.version` that its config states; a missing or short one is unknown, as for Docker. */
export function targetOfOsVersion(label: string, osVersion: string | OsVersion | undefined): ImageTarget {
  const version = typeof osVersion === 'string' ? parseOsVersion(osVersion) : osVersion;
  return version === undefined ? { label } : { label, osVersion: version };
}

/** `10.0.17763.1039`: for callers that know no OCI shapes. */
export function osVersionText(version: OsVersion): string {
  return formatOsVersion(version);
}
