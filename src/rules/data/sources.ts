import type { Source } from '../model.js';

const docs = 'MicrosoftDocs/Virtualization-Documentation: virtualization/windowscontainers';

/** The statements that the rules rest on, each where it can be read. */
export const sources = {
  newerNeverOnOlder: {
    title: 'Microsoft: a newer image runs only on a newer host',
    where: `${docs}/deploy-containers/version-compatibility.md @ 8008a2db; portability.md`,
    date: '2020-10-13',
  },
  mismatchBlocked: {
    title: 'Microsoft: process isolation is blocked where the builds differ',
    where: `${docs}/deploy-containers/version-compatibility.md @ b9fb379f`,
    date: '2025-09-17',
  },
  portability: {
    title: 'Microsoft: Windows Server 23H2 hosts support the 2022 image only',
    where: `${docs}/deploy-containers/portability.md`,
    date: '2025-01-23',
  },
  faq: {
    title: 'Microsoft FAQ: process isolation on Windows 10, same build, Docker 18.09.1 and build 17763 or later',
    where: `${docs}/about/faq.yml; moby PR 38000, docker/engine PR 81`,
    date: '2025-02-22',
  },
  accept1909: {
    title: 'Windows 10 1909 notes: fixes for down-level containers in process isolation; reports',
    where:
      'Windows 10 version 1909 release notes; docker/for-win#5148; MicrosoftDocs/Virtualization-Documentation#1286, #1299; microsoft/navcontainerhelper#744',
    date: '2019-12-01',
  },
  hypervAnyOlder: {
    title: 'Microsoft: Hyper-V isolation brings the image its own kernel',
    where: `${docs}/deploy-containers/version-compatibility.md @ b9fb379f`,
    date: '2025-09-17',
  },
  hcsshim: {
    title: 'hcsshim CheckHostAndContainerCompat (stable ABI)',
    where: 'microsoft/hcsshim: osversion/platform_compat_windows.go @ bacda3961',
    date: '2024-11-25',
  },
  containerd: {
    title: 'containerd platforms (stable ABI)',
    where: 'containerd/platforms: platform_windows_compat.go @ 4549974',
    date: '2025-02-13',
  },
  dockerPull: {
    title: 'Docker pull check (graphdriver image store)',
    where: 'moby/moby: daemon/internal/distribution/pull_v2_windows.go (PR 36327)',
    date: '2018-04-10',
  },
  dockerClient: {
    title: 'Docker Engine on Windows clients',
    where: 'moby/moby: daemon/daemon_windows.go (PR 22774, 28268, 38000, 43254)',
  },
  reports: {
    title: 'Users’ reports',
    where: 'GitHub issues, each named in its line',
  },
  liftedRules: {
    title: 'Windowbox: the host profile "any" lifts the build rules',
    where: 'docs/guides/rules.md',
  },
  revision2016: {
    title: 'Microsoft: Windows Server 2016 compares the revision',
    where: `${docs}/deploy-containers/version-compatibility.md @ e57fc33c`,
    date: '2018-06-13',
  },
  baseline2b: {
    title: 'Microsoft: the February 2020 update changed the interface between host and container',
    where: `${docs}/deploy-containers/update-containers.md`,
    date: '2020-02-18',
  },
  noOsVersion: {
    title: 'Docker and containerd let an image without os.version pass on every host',
    where: 'moby/moby: pull_v2_windows.go; containerd/platforms: platform_windows_compat.go',
  },
} as const satisfies Record<string, Source>;

/** The version compatibility page at one commit. */
export function tablePage(commit: string, date: string): Source {
  return {
    title: `Microsoft’s version table of ${date}`,
    where: `${docs}/deploy-containers/version-compatibility.md @ ${commit}`,
    date,
  };
}
