import type { HostProfile, IsolationMode, Source } from './model.js';

export type Purpose = 'development' | 'production';

/** What Microsoft's terms say of running this container on a real Windows host. Not legal advice. */
export interface LicenceVerdict {
  readonly answer: 'allowed' | 'refused' | 'conditional';
  /** Full sentences. */
  readonly conditions: readonly string[];
  readonly source: Source;
}

export interface LicenceQuestion {
  readonly host: HostProfile;
  readonly isolation: IsolationMode;
  /** Absent: the terms for both purposes are told and nothing is refused. */
  readonly purpose?: Purpose | undefined;
  /** Count of Hyper-V-isolated containers that run on the host at once, this one included; default 1. */
  readonly hypervContainers?: number | undefined;
}

/** Source: about/faq.yml (limits by edition) and about/images-eula.md (Host Software, purpose). */
export function judgeLicence({ host, isolation, purpose, hypervContainers = 1 }: LicenceQuestion): LicenceVerdict {
  if (host.kind === 'client') return clientLicence(host, purpose);
  if (host.edition === 'Standard' && isolation === 'hyperv') return standardLicence(hypervContainers);
  return host.edition === 'Standard' ? standardProcess : datacenter;
}

function clientLicence({ edition }: HostProfile, purpose: Purpose | undefined): LicenceVerdict {
  if (edition === 'IoT Enterprise' || edition === 'IoT Core') return purpose === 'development' ? client : iot;
  return purpose === 'production' ? clientProduction : client;
}

function standardLicence(count: number): LicenceVerdict {
  return count > standardLimit ? tooMany : standardHyperv;
}

const standardLimit = 2;
const source: Source = {
  title: 'Microsoft’s container FAQ and image terms',
  where: 'MicrosoftDocs/Virtualization-Documentation: virtualization/windowscontainers/about/faq.yml, images-eula.md',
  date: '2025-02-22',
};
const client: LicenceVerdict = {
  answer: 'allowed',
  conditions: ['Windows 10 and 11: any number of containers, for test and development only.'],
  source,
};
const clientProduction: LicenceVerdict = {
  answer: 'refused',
  conditions: [
    'Windows 10 and 11 may not run Windows containers in production: test and development only.',
    'For production use a Windows Server host: Standard with at most two Hyper-V-isolated containers, Datacenter without a limit.',
  ],
  source,
};
const iot: LicenceVerdict = {
  answer: 'conditional',
  conditions: ['Windows IoT: production only under a Windows IoT commercial agreement; test and development without.'],
  source,
};
const standardProcess: LicenceVerdict = {
  answer: 'allowed',
  conditions: [
    'Windows Server Standard: any number of process-isolated containers, at most two Hyper-V-isolated ones.',
  ],
  source,
};
const standardHyperv: LicenceVerdict = { ...standardProcess };
const tooMany: LicenceVerdict = {
  answer: 'refused',
  conditions: [
    'Windows Server Standard: at most two Hyper-V-isolated containers.',
    'More need Windows Server Datacenter, another Standard licence for the host, or process isolation.',
  ],
  source,
};
const datacenter: LicenceVerdict = {
  answer: 'allowed',
  conditions: ['Windows Server Datacenter: any number of containers in both isolations.'],
  source,
};
