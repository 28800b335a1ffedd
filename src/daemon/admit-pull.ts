import type { AdmitPull } from '../images/index.js';
import { formatPlatform } from '../oci/index.js';
import { type HostProfile, refusalAtPull, targetOfOsVersion } from '../rules/index.js';

/** Docker on Windows pulls nothing that is newer than its host. Who names a version with `--platform` gets it: it may be for another host. */
export function admitPull(host: () => HostProfile): AdmitPull {
  return (image, wanted) => {
    if (wanted?.osVersion !== undefined) return;
    const refusal = refusalAtPull(host(), targetOfOsVersion(formatPlatform(image), image.osVersion));
    if (refusal !== undefined) throw refusal;
  };
}
