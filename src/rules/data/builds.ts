/** What is known of one build of Windows beside its releases. */
export interface BuildFacts {
  readonly build: number;
  /** Newest revision that was really seen of it; the one that we present. Absent: none recorded, and none is made up. */
  readonly revision?: number;
  /** `BuildLabEx` of the registry: the text in parentheses in `docker info`'s Kernel Version. */
  readonly label?: string;
}

/**
 * Revisions: `os.version` of published images and issues, newest seen (docker-library/repo-info of Jan 2023 and Jul/Aug 2026; docker/for-win#9278;
 * microsoft/navcontainerhelper#1428; microsoft/Windows-Containers#302). Labels: `docker info`, `Get-ComputerInfo` and debugger output in
 * public repositories; enablement-package builds (18363, 19042 to 19045, 22631, 26200) keep the label of the build that they enable.
 */
export const builds: readonly BuildFacts[] = [
  { build: 14393, revision: 2485, label: '14393.1715.amd64fre.rs1_release_inmarket.170906-1810' },
  { build: 15063, label: '15063.0.amd64fre.rs2_release.170317-1834' },
  { build: 16299, revision: 726, label: '16299.15.amd64fre.rs3_release.170928-1534' },
  { build: 17134, revision: 345, label: '17134.1.amd64fre.rs4_release.180410-1804' },
  { build: 17763, revision: 3887, label: '17763.1.amd64fre.rs5_release.180914-1434' },
  { build: 18362, revision: 959, label: '18362.1.amd64fre.19h1_release.190318-1202' },
  { build: 18363, revision: 1556, label: '18362.1.amd64fre.19h1_release.190318-1202' },
  { build: 19041, revision: 508, label: '19041.1.amd64fre.vb_release.191206-1406' },
  { build: 19042, revision: 572, label: '19041.1.amd64fre.vb_release.191206-1406' },
  { build: 19043, label: '19041.1.amd64fre.vb_release.191206-1406' },
  { build: 19044, label: '19041.1.amd64fre.vb_release.191206-1406' },
  { build: 19045, label: '19041.1.amd64fre.vb_release.191206-1406' },
  { build: 20348, revision: 5499, label: '20348.1.amd64fre.fe_release.210507-1500' },
  { build: 22000, label: '22000.1.amd64fre.co_release.210604-1628' },
  { build: 22621, revision: 1006, label: '22621.1.amd64fre.ni_release.220506-1250' },
  { build: 22631, label: '22621.1.amd64fre.ni_release.220506-1250' },
  { build: 25398, revision: 469, label: '25398.1.amd64fre.zn_release.230610-1204' },
  { build: 26100, revision: 33296, label: '26100.1.amd64fre.ge_release.240331-1435' },
  { build: 26200, label: '26100.1.amd64fre.ge_release.240331-1435' },
  { build: 28000 },
];

export function factsOfBuild(build: number): BuildFacts | undefined {
  return byBuild.get(build);
}

const byBuild = new Map(builds.map((facts) => [facts.build, facts]));
