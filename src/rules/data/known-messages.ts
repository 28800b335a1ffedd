/** A message that people paste, with or without an HCS code in it. */
export interface KnownMessage {
  readonly id: string;
  readonly pattern: RegExp;
  readonly title: string;
  readonly meaning: string;
  /** Likely causes, most likely first. */
  readonly causes: readonly string[];
  /** What to do, commands included. */
  readonly ways: readonly string[];
  readonly source: string;
}

/** Messages of Docker, containerd and Windows about versions and isolation. The first pattern that matches wins. */
export const knownMessages: readonly KnownMessage[] = [
  {
    id: 'newer-image-at-pull',
    pattern: /a Windows version [0-9.]+-based image is incompatible with a .*? ?host/iu,
    title: 'Docker refuses to pull an image that is newer than the host',
    meaning:
      'The image’s build is higher than the host’s. Docker checks this at pull, whichever isolation is asked for.',
    causes: ['The tag moved to a newer Windows, or the host has not been upgraded.'],
    ways: ['Take the tag for your host’s build.', 'Upgrade the host to the image’s build or a later one.'],
    source: 'moby distribution/pull_v2_windows.go, PR 36327 (18.04.0-ce)',
  },
  {
    id: 'no-matching-manifest',
    pattern:
      /no matching manifest for|no supported platform found in manifest list|no match for platform in manifest/iu,
    title: 'The manifest list has no image for this host',
    meaning:
      'Docker drops the entries for another system or architecture and those with a newer build than the host; none was left.',
    causes: [
      'Every Windows image in the list is newer than the host.',
      'The repository has Linux images only.',
      'With the containerd image store, older images that need Hyper-V isolation do not match either.',
    ],
    ways: [
      'Look at what there is: docker manifest inspect IMAGE | windowbox check -',
      'Take an older tag, or upgrade the host.',
    ],
    source: 'moby distribution/pull_v2_windows.go (PR 38574, 48682); containerd/platforms',
  },
  {
    id: 'client-hyperv-only',
    pattern: /Windows client operating systems (?:only support Hyper-V|earlier than version 1809)/iu,
    title: 'This client has Hyper-V isolation only',
    meaning:
      'Docker gives Windows 10 process isolation from Engine 18.09.1 on, and only from version 1809 (build 17763) on.',
    causes: ['--isolation=process, or exec-opts isolation=process, on such a client.'],
    ways: [
      'Leave --isolation out, or use --isolation=hyperv.',
      'Upgrade Docker to 18.09.1 or later and Windows to 1809 or later.',
    ],
    source: 'moby daemon/daemon_windows.go, PR 22774, 28268, 38000',
  },
  {
    id: 'invalid-isolation',
    pattern: /invalid isolation \(|Invalid exec-opt value for 'isolation'/iu,
    title: 'No such isolation',
    meaning: 'Docker knows default, process and hyperv; upper and lower case are the same.',
    causes: ['A typing error, or a value meant for another engine.'],
    ways: ['--isolation=process', '--isolation=hyperv', 'With Windowbox also --isolation=auto.'],
    source: 'moby daemon/daemon_windows.go, runconfig',
  },
  {
    id: 'daemon-too-new',
    pattern: /does not support the docker daemon|docker daemon requires build 14393/iu,
    title: 'This Docker does not run on this Windows',
    meaning: 'Docker 23.0 and later need build 17763 (1809); 1.13 to 20.10 need build 14393 (2016).',
    causes: ['Docker was upgraded on a Windows older than 1809.'],
    ways: ['Stay with Docker 20.10 on this host.', 'Upgrade Windows to 1809 or later.'],
    source: 'moby daemon/daemon_windows.go checkSystem, PR 43254',
  },
  {
    id: 'containers-feature',
    pattern: /failed to load vmcompute\.dll|a required service is not installed, ensure the Containers feature/iu,
    title: 'The Containers feature is not installed',
    meaning: 'Docker needs the services vmcompute and hns, which the Windows feature Containers brings.',
    causes: ['The feature is off, or the host has not been restarted since it was turned on.'],
    ways: ['Enable-WindowsOptionalFeature -Online -FeatureName Containers -All, then restart.'],
    source: 'moby daemon/daemon_windows.go checkSystem',
  },
  {
    id: 'no-utility-vm',
    pattern: /utility VM image could not be found/iu,
    title: 'The image has no utility VM',
    meaning:
      'Hyper-V isolation boots the VM that lies in the base layer, in the folder UtilityVM; this base layer has none.',
    causes: ['The image is not made on a Microsoft base image, or its base layer is damaged.'],
    ways: ['Remove the image and pull it again.', '--isolation=process, where the builds are the same.'],
    source: 'moby daemon/start_windows.go',
  },
  {
    id: 'down-level-files',
    pattern: /CreateComputeSystem[\s\S]*The system cannot find the file specified/iu,
    title: 'An older image in process isolation, and Windows misses a file',
    meaning: 'The host accepts the older build, but this image needs files that its own host would have had.',
    causes: [
      'A 1809 servercore or windows image on a 1909 host in process isolation; nanoserver:1809 was reported to work.',
    ],
    ways: ['--isolation=hyperv', 'Take the image for the host’s own build.'],
    source: 'docker/for-win#5148, moby/moby#40468',
  },
  {
    id: 'start-timeout',
    pattern: /System::Start: context deadline exceeded/iu,
    title: 'The container did not come up in time',
    meaning: 'Windows accepted the container and never said that it had started.',
    causes: ['An image of another build in process isolation on an enablement-package host, for example 2004 on 20H2.'],
    ways: ['--isolation=hyperv', 'Take the image for the host’s own build.'],
    source: 'docker/for-win#9278',
  },
  {
    id: 'rpc-failed',
    pattern: /0x6be\b/iu,
    title: 'A remote procedure call failed',
    meaning: 'Seen now and then with 2022 images in process isolation on Windows 11 22H2.',
    causes: ['An intermittent fault of that pair of versions.'],
    ways: ['Try again.', '--isolation=hyperv'],
    source: 'microsoft/Windows-Containers#525',
  },
  {
    id: 'wrong-os',
    pattern: /image operating system "(?:linux|windows)" cannot be used on this platform/iu,
    title: 'The image is for another system',
    meaning: 'A Linux image on a Windows engine, or a Windows image on a Linux engine.',
    causes: ['The wrong engine answers: docker context ls shows which one is in use.'],
    ways: ['Switch to the engine of the image’s system; Windowbox runs Windows images on Linux.'],
    source: 'moby daemon/create.go',
  },
];
