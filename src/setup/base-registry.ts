import { type OsVersion, parseOsVersion } from '../oci/index.js';
import { WindowboxError } from '../errors/index.js';
import type { RegistryEdit, RegistryValue } from './registry-file.js';

/** Which base image of Microsoft's a base stands for. */
export interface BaseIdentity {
  readonly product: 'nanoserver' | 'servercore' | 'server' | 'windows';
  /** `10.0.26100.33296`; without the revision where none is known. */
  readonly osVersion: string;
}

/**
 * What the registry of this Windows says of itself: the build, by which Wine answers every version question, and the names.
 *
 * Sources: `reg query` and `systeminfo` in the images as people posted them (the `windows` image is a workstation, the others are servers; the server
 * level `NanoServer` or `ServerCore`), Microsoft's list of product SKUs for EditionID. One deliberate difference: Nano Server before 2025 calls itself
 * "Windows Server 2016" whatever its build, which Microsoft calls a bug; here it tells its release.
 */
export function baseRegistry(base: BaseIdentity): readonly RegistryEdit[] {
  const version = parseOsVersion(base.osVersion);
  if (version === undefined)
    throw new WindowboxError(
      'invalid-argument',
      `Cannot make a base of version "${base.osVersion}": not 10.0.BUILD[.REVISION]`,
    );
  const current = currentVersion(base.product, version);
  return [
    { key: String.raw`Software\Microsoft\Windows NT\CurrentVersion`, values: current },
    { key: String.raw`Software\Wow6432Node\Microsoft\Windows NT\CurrentVersion`, values: current },
    {
      key: String.raw`Software\Microsoft\Windows NT\CurrentVersion\Server\ServerLevels`,
      values: Object.fromEntries(serverLevels[base.product].map((name) => [name, number(1)])),
    },
    {
      key: String.raw`System\ControlSet001\Control\ProductOptions`,
      values: { ProductType: text(base.product === 'windows' ? 'WinNT' : 'ServerNT') },
    },
    { key: String.raw`System\ControlSet001\Control\Session Manager\Environment`, values: environment(base.product) },
  ];
}

type Product = BaseIdentity['product'];

function currentVersion(product: Product, version: OsVersion): Readonly<Record<string, RegistryValue | undefined>> {
  const build = String(version.build);
  const release = releaseOf(version.build);
  return {
    CurrentMajorVersionNumber: number(version.major),
    CurrentMinorVersionNumber: number(version.minor),
    CurrentVersion: text('6.3'),
    CurrentBuild: text(build),
    CurrentBuildNumber: text(build),
    UBR: number(version.revision ?? 0),
    ProductName: text(productName(product, release)),
    ReleaseId: text(release.releaseId),
    DisplayVersion: release.displayVersion === undefined ? undefined : text(release.displayVersion),
    EditionID: text(editionId(product, release)),
    InstallationType: text(installationTypes[product]),
  };
}

interface Release {
  readonly build: number;
  readonly releaseId: string;
  /** Since 20H2. */
  readonly displayVersion?: string;
  /** Year in the name of a long-term release; a semi-annual one is called "Windows Server" only. */
  readonly year?: number;
}

/** The release of this build, or the one before it for a build between two. */
function releaseOf(build: number): Release {
  const [oldest, ...others] = releases;
  return others.findLast((release) => release.build <= build) ?? oldest;
}

function productName(product: Product, release: Release): string {
  if (product === 'windows') return release.build < 22_000 ? 'Windows 10 Enterprise' : 'Windows 11 Enterprise';
  return release.year === undefined ? 'Windows Server Datacenter' : `Windows Server ${String(release.year)} Datacenter`;
}

function editionId(product: Product, release: Release): string {
  if (product === 'windows') return 'Enterprise';
  if (product === 'nanoserver') return 'ServerDatacenterNano';
  return release.year === undefined ? 'ServerDatacenterACor' : 'ServerDatacenter';
}

/** A real Nano Server has neither WMI's nor PowerShell's folder in its path, nor script hosts. */
function environment(product: Product): Readonly<Record<string, RegistryValue>> {
  const system = String.raw`%SystemRoot%\system32;%SystemRoot%`;
  const full = `${system};%SystemRoot%\\System32\\Wbem;%SYSTEMROOT%\\System32\\WindowsPowerShell\\v1.0\\;%SYSTEMROOT%\\System32\\OpenSSH\\`;
  const isNano = product === 'nanoserver';
  return {
    PATH: { type: 'expand', text: isNano ? `${system};` : full },
    PATHEXT: text(isNano ? '.COM;.EXE;.BAT;.CMD' : '.COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC'),
    DriverData: text(String.raw`C:\Windows\System32\Drivers\DriverData`),
  };
}

function text(value: string): RegistryValue {
  return { type: 'text', text: value };
}

function number(value: number): RegistryValue {
  return { type: 'number', number: value };
}

const installationTypes: Readonly<Record<Product, string>> = {
  nanoserver: 'Nano Server',
  servercore: 'Server Core',
  server: 'Server',
  windows: 'Client',
};

const serverLevels: Readonly<Record<Product, readonly string[]>> = {
  nanoserver: ['NanoServer'],
  servercore: ['ServerCore'],
  server: ['ServerCore', 'Server-Gui-Mgmt', 'Server-Gui-Shell'],
  windows: [],
};

const releases: readonly [Release, ...Release[]] = [
  { build: 14_393, releaseId: '1607', year: 2016 },
  { build: 16_299, releaseId: '1709' },
  { build: 17_134, releaseId: '1803' },
  { build: 17_763, releaseId: '1809', year: 2019 },
  { build: 18_362, releaseId: '1903' },
  { build: 18_363, releaseId: '1909' },
  { build: 19_041, releaseId: '2004' },
  { build: 19_042, releaseId: '2009', displayVersion: '20H2' },
  { build: 20_348, releaseId: '2009', displayVersion: '21H2', year: 2022 },
  { build: 25_398, releaseId: '2009', displayVersion: '23H2' },
  { build: 26_100, releaseId: '2009', displayVersion: '24H2', year: 2025 },
];
