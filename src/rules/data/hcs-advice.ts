/** What an HCS code means in practice, beyond Windows' own text. Keys: low 16 bits. */
export interface HcsAdvice {
  readonly meaning: string;
  readonly causes: readonly string[];
  readonly ways: readonly string[];
  readonly source: string;
}

const hcs = 'MicrosoftDocs: virtualization/api/hcs/Reference/HCSHResult.md';
const again = 'docker ps -a shows whether the container still exists; remove and start it again.';

/** Codes that users meet. The others have Windows' text only. */
export const hcsAdvice: Readonly<Record<number, HcsAdvice>> = {
  0x0100: {
    meaning: 'The container or its VM ended while it started.',
    causes: ['A damaged base layer, or too little memory for the VM.'],
    ways: ['Pull the image again.', 'Give it more memory: -m 2g.'],
    source: hcs,
  },
  0x0101: {
    meaning:
      'The image’s Windows build does not fit the host’s: process isolation wants the same build, Hyper-V isolation the same or an older one.',
    causes: [
      'The image is older than the host, and process isolation was used.',
      'The image is newer than the host: then nothing but a newer host runs it.',
    ],
    ways: [
      'windowbox check IMAGE --host HOST says which.',
      'Older image: --isolation=hyperv.',
      'Take the tag of the host’s build; rebuild on that base.',
    ],
    source: 'MicrosoftDocs version-compatibility.md; moby, hcsshim',
  },
  0x0102: {
    meaning: 'Hyper-V isolation needs a feature that is not there.',
    causes: [
      'The Hyper-V role is off, or virtualization is off in the firmware, or the host is a VM without nested virtualization.',
    ],
    ways: [
      'Enable-WindowsOptionalFeature -Online -FeatureName Microsoft-Hyper-V -All',
      'In a VM: turn nested virtualization on (Intel VT-x or AMD-V, 4 GB, 2 processors).',
      '--isolation=process, where the builds are the same.',
    ],
    source: 'MicrosoftDocs system-requirements.md',
  },
  0x0105: {
    meaning: 'The container was not in a state that allows this: most often it was ending already.',
    causes: ['Two commands at once, for example stop and exec.'],
    ways: [again],
    source: hcs,
  },
  0x0106: {
    meaning: 'The container or VM ended by itself just after it had started.',
    causes: [
      'The image’s revision is newer than the host’s: ltsc2025 in process isolation failed until the host had KB5058411 (26100.4061).',
      'An intermittent fault of 2022 images on Windows 11 22H2.',
    ],
    ways: ['Update the host.', '--isolation=hyperv', 'Take an image of an earlier month.'],
    source: 'microsoft/Windows-Containers#591, #525; docker/for-win#14287',
  },
  0x0107: {
    meaning: 'Somebody ended the container by force.',
    causes: ['docker kill, docker stop after its time was up, or the host shutting down.'],
    ways: [again],
    source: hcs,
  },
  0x0108: {
    meaning: 'The host could not reach the VM.',
    causes: ['The VM did not come up.'],
    ways: ['Restart-Service vmcompute', again],
    source: hcs,
  },
  0x0109: {
    meaning: 'The VM did not answer in time.',
    causes: ['A host under load, or too little memory for the VM.'],
    ways: ['Give it more memory: -m 2g.', 'Start fewer at once.'],
    source: hcs,
  },
  0x010a: {
    meaning: 'The VM’s connection ended in the middle.',
    causes: ['The VM ended or restarted.'],
    ways: [again],
    source: hcs,
  },
  0x010e: {
    meaning: 'Windows no longer knows this container.',
    causes: ['The service vmcompute was restarted under Docker.'],
    ways: ['Restart-Service docker', again],
    source: hcs,
  },
  0x010f: {
    meaning: 'A container with this id is there already.',
    causes: ['A container left over after a crash of Docker.'],
    ways: ['Restart-Service vmcompute, then Restart-Service docker.'],
    source: hcs,
  },
  0x0110: {
    meaning: 'The container had ended already.',
    causes: ['stop or exec on a container that was just ending. Mostly harmless.'],
    ways: ['docker logs CONTAINER says why it ended.'],
    source: hcs,
  },
  0x0112: {
    meaning: 'Windows does not understand a layer of the image.',
    causes: [
      'Windows 11 25H2 (26200) with ltsc2025 images, in both isolations, under Docker 29.0.1.',
      'A layer that another tool made without Windows’ own fields.',
    ],
    ways: ['Try ltsc2022 on that host.', 'Pull the image again.'],
    source: 'microsoft/hcsshim#2566',
  },
  0x0113: {
    meaning: 'An Insider image on a host outside the Insider Program.',
    causes: ['A repository …/insider.'],
    ways: ['Join the program on this host, or take a released tag.'],
    source: hcs,
  },
  0x0114: {
    meaning: 'A feature is not installed.',
    causes: ['The Containers or Hyper-V feature is off.'],
    ways: ['Enable-WindowsOptionalFeature -Online -FeatureName Containers -All'],
    source: hcs,
  },
  0x011b: {
    meaning: 'The account may not use containers.',
    causes: ['Not an administrator, and not in the group Hyper-V Administrators.'],
    ways: ['Run as administrator, or join the group: https://aka.ms/hcsadmin'],
    source: hcs,
  },
};
