import type { HostRelease } from '../model.js';

/** What tells one client release from another. ISO dates. */
type ClientRow = Omit<HostRelease, 'id' | 'name' | 'kind' | 'build' | 'version' | 'channel'>;

/**
 * Every Windows 10 and 11 release that can be a container host: Windows 10 or 11, version, build. A new release is one row here.
 *
 * Source: endoflife-date/endoflife.date, products/windows.md @ a70eca337 (2026-08-22).
 */
export const clientReleases: readonly HostRelease[] = [
  client(10, '1607', 14393, {
    released: '2016-08-02',
    endOfSupport: '2019-04-09',
    endOfSupportPro: '2018-04-10',
    endOfSupportLtsc: '2026-10-13',
  }),
  client(10, '1703', 15063, { released: '2017-04-11', endOfSupport: '2019-10-08', endOfSupportPro: '2018-10-09' }),
  client(10, '1709', 16299, { released: '2017-10-17', endOfSupport: '2020-10-13', endOfSupportPro: '2019-04-09' }),
  client(10, '1803', 17134, { released: '2018-04-30', endOfSupport: '2021-05-11', endOfSupportPro: '2019-11-12' }),
  client(10, '1809', 17763, {
    released: '2018-11-13',
    endOfSupport: '2021-05-11',
    endOfSupportPro: '2020-11-10',
    endOfSupportLtsc: '2029-01-09',
  }),
  client(10, '1903', 18362, { released: '2019-05-21', endOfSupport: '2020-12-08', endOfSupportPro: '2020-12-08' }),
  client(10, '1909', 18363, { released: '2019-11-12', endOfSupport: '2022-05-10', endOfSupportPro: '2021-05-11' }),
  client(10, '2004', 19041, { released: '2020-05-27', endOfSupport: '2021-12-14', endOfSupportPro: '2021-12-14' }),
  client(10, '20H2', 19042, { released: '2020-10-20', endOfSupport: '2023-05-09', endOfSupportPro: '2022-05-10' }),
  client(10, '21H1', 19043, { released: '2021-05-18', endOfSupport: '2022-12-13', endOfSupportPro: '2022-12-13' }),
  client(10, '21H2', 19044, {
    released: '2021-11-16',
    endOfSupport: '2024-06-11',
    endOfSupportPro: '2023-06-13',
    endOfSupportLtsc: '2027-01-12',
    note: 'IoT Enterprise LTSC 2021: 2032-01-13',
  }),
  client(10, '22H2', 19045, {
    released: '2022-10-18',
    endOfSupport: '2025-10-14',
    endOfSupportPro: '2025-10-14',
    note: 'ESU to 2028-10-10',
  }),
  client(11, '21H2', 22000, { released: '2021-10-04', endOfSupport: '2024-10-08', endOfSupportPro: '2023-10-10' }),
  client(11, '22H2', 22621, { released: '2022-09-20', endOfSupport: '2025-10-14', endOfSupportPro: '2024-10-08' }),
  client(11, '23H2', 22631, { released: '2023-10-31', endOfSupport: '2026-11-10', endOfSupportPro: '2025-11-11' }),
  client(11, '24H2', 26100, {
    released: '2024-10-01',
    endOfSupport: '2027-10-12',
    endOfSupportPro: '2026-10-13',
    endOfSupportLtsc: '2029-10-09',
    note: 'IoT Enterprise LTSC: 2034-10-10',
  }),
  client(11, '25H2', 26200, { released: '2025-09-30', endOfSupport: '2028-10-10', endOfSupportPro: '2027-10-12' }),
  client(11, '26H1', 28000, { released: '2026-02-10', endOfSupport: '2029-03-13', endOfSupportPro: '2028-03-14' }),
];

function client(windows: 10 | 11, version: string, build: number, row: ClientRow): HostRelease {
  const id = `windows-${String(windows)}-${version.toLowerCase()}`;
  const name = `Windows ${String(windows)}, version ${version}`;
  return { id, name, kind: 'client', version, build, channel: 'client', ...row };
}
