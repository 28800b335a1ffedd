/**
 * Microsoft's table of host and image versions, as the page stood on each date on which it changed.
 *
 * Source: MicrosoftDocs/Virtualization-Documentation, virtualization/windowscontainers/deploy-containers/version-compatibility.md, git history.
 * A row is a host, `server` or `client` and its build or builds; a letter is an image, in the order of `images`:
 * B both isolations, H Hyper-V isolation only, - neither, . not in the table.
 *
 * Left out: the row and column of "Windows Server 21H1" (19043), a release that never shipped. Since 2022-09-22 the page says just
 * "Windows 10" and "Windows 11". The first is read for 21H1 (19043) and later: older releases were out of the page by then and keep their own last row.
 * The footnote of 2024-11-29, "supported from Windows 11 24H2 (Build 2600) onwards" (the page's typing error for 26100), is a row of its own.
 */
export interface TableSnapshot {
  /** ISO date of the commit. */
  readonly date: string;
  readonly commit: string;
  /** The newest commit that has the same cells. */
  readonly confirmed?: { readonly date: string; readonly commit: string };
  /** Builds of the images, left to right. */
  readonly images: readonly number[];
  readonly rows: Readonly<Record<string, string>>;
}

export const tableSnapshots: readonly TableSnapshot[] = [
  {
    date: '2017-10-17',
    commit: '8ce23ca3',
    images: [14393, 16299],
    rows: {
      'server 14393': 'B -',
      'client 14393': 'B -',
      'client 15063': 'B -',
      'server 16299': 'H B',
      'client 16299': 'H B',
    },
  },
  {
    date: '2017-12-13',
    commit: '7b58ed17',
    images: [14393, 16299],
    rows: {
      'server 14393': 'B -',
      'client 14393': 'H -',
      'client 15063': 'H -',
      'server 16299': 'H B',
      'client 16299': 'H H',
    },
  },
  {
    date: '2018-06-13',
    commit: 'e57fc33c',
    images: [14393, 16299, 17134],
    rows: {
      'server 14393': 'B - -',
      'client 14393': 'H - -',
      'client 15063': 'H - -',
      'server 16299': 'H B -',
      'client 16299': 'H H -',
      'server 17134': 'H H B',
      'client 17134': 'H H H',
    },
  },
  {
    date: '2018-10-03',
    commit: 'd69ed13d',
    images: [14393, 16299, 17134, 17763],
    rows: {
      'server 14393': 'B - - -',
      'client 14393': 'H - - -',
      'client 15063': 'H - - -',
      'server 16299': 'H B - -',
      'client 16299': 'H H - -',
      'server 17134': 'H H B -',
      'client 17134': 'H H H -',
      'server 17763': 'H H H B',
      'client 17763': 'H H H H',
    },
  },
  {
    date: '2019-05-31',
    commit: '2fab9142',
    images: [14393, 16299, 17134, 17763, 18362],
    rows: {
      'server 18362': 'H H H H B',
      'client 18362': 'H H H H H',
      'client 17763': 'H H H H -',
      'server 17763': 'H H H B -',
      'client 17134': 'H H H - -',
      'server 17134': 'H H B - -',
      'client 16299': 'H H - - -',
      'server 16299': 'H B - - -',
      'server 14393': 'B - - - -',
    },
  },
  {
    date: '2019-08-27',
    commit: 'a736e9ef',
    images: [14393, 16299, 17134, 17763, 18362],
    rows: {
      'server 18362': 'H H H H B',
      'server 17763': 'H H H B -',
      'server 17134': 'H H B - -',
      'server 16299': 'H B - - -',
      'server 14393': 'B - - - -',
      'client 18362': 'H H H H H',
      'client 17763': 'H H H H -',
      'client 17134': 'H H H - -',
      'client 16299': 'H H - - -',
    },
  },
  {
    date: '2019-11-13',
    commit: '40e46e7f',
    images: [14393, 17763, 18362, 18363],
    rows: {
      'server 18363': 'H H H B',
      'server 18362': 'H H B -',
      'server 17763': 'H B - -',
      'server 14393': 'B - - -',
      'client 18363': 'H H H H',
      'client 18362': 'H H H -',
      'client 17763': 'H H - -',
    },
  },
  {
    date: '2020-04-28',
    commit: '4533e9cb',
    images: [14393, 17763, 18362, 18363, 19041],
    rows: {
      'server 19041': 'H H H H B',
      'server 18363': 'H H H B -',
      'server 18362': 'H H B - -',
      'server 17763': 'H B - - -',
      'server 14393': 'B - - - -',
      'client 19041': 'H H H H B',
      'client 18363': 'H H H H -',
      'client 18362': 'H H H - -',
      'client 17763': 'H H - - -',
    },
  },
  {
    date: '2020-10-13',
    commit: '8008a2db',
    images: [14393, 17763, 18362, 18363, 19041, 19042],
    rows: {
      'server 19042': 'H H H H H B',
      'server 19041': 'H H H H B -',
      'server 18363': 'H H H B - -',
      'server 18362': 'H H B - - -',
      'server 17763': 'H B - - - -',
      'server 14393': 'B - - - - -',
      'client 19042': 'H H H H H B',
      'client 19041': 'H H H H B -',
      'client 18363': 'H H H H - -',
      'client 18362': 'H H H - - -',
      'client 17763': 'H H - - - -',
    },
  },
  {
    date: '2021-08-27',
    commit: '70a289f2',
    images: [14393, 17763, 18362, 18363, 19041, 19042],
    rows: {
      'server 19042': 'H H H H H B',
      'server 19041': 'H H H H B -',
      'server 18363': 'H H H B - -',
      'server 18362': 'H H B - - -',
      'server 17763': 'H B - - - -',
      'server 14393': 'B - - - - -',
      'client 19042': 'H H H H H B',
      'client 19041': 'H H H H B -',
      'client 18363': 'H H H H - -',
      'client 18362': 'H H H - - -',
      'client 17763': 'H H - - - -',
    },
  },
  {
    date: '2021-09-09',
    commit: '4a80c634',
    images: [14393, 17763, 18362, 18363, 19041, 19042, 20348],
    rows: {
      'server 20348': 'H H H H H H B',
      'server 19042': 'H H H H H B -',
      'server 19041': 'H H H H B - -',
      'server 18363': 'H H H B - - -',
      'server 18362': 'H H B - - - -',
      'server 17763': 'H B - - - - -',
      'server 14393': 'B - - - - - -',
      'client 19043': 'H H H H H B .',
      'client 19042': 'H H H H H B .',
      'client 19041': 'H H H H B - .',
      'client 18363': 'H H H H - - .',
      'client 18362': 'H H H - - - .',
      'client 17763': 'H H - - - - .',
    },
  },
  {
    date: '2022-03-03',
    commit: '64b6d114',
    images: [14393, 17763, 18362, 18363, 19041, 19042, 20348],
    rows: {
      'server 20348': 'H H H H H H B',
      'server 19042': 'H H H H H B -',
      'server 19041': 'H H H H B - -',
      'server 18363': 'H H H B - - -',
      'server 18362': 'H H B - - - -',
      'server 17763': 'H B - - - - -',
      'server 14393': 'B - - - - - -',
      'client 22000': 'H H H H H H B',
      'client 19043': 'H H H H H H H',
      'client 19042': 'H H H H H B -',
      'client 19041': 'H H H H B - -',
      'client 18363': 'H H H H - - -',
      'client 18362': 'H H H - - - -',
      'client 17763': 'H H - - - - -',
    },
  },
  {
    date: '2022-03-15',
    commit: '4c2e395c',
    images: [14393, 17763, 19042, 20348],
    rows: {
      'server 20348': 'H H H B',
      'server 19042': 'H H B -',
      'server 17763': 'H B - -',
      'server 14393': 'B - - -',
      'client 22000': 'H H H B',
      'client 19043': 'H H H H',
      'client 19042': 'H H B -',
    },
  },
  {
    date: '2022-09-22',
    commit: '0f0bb479',
    images: [14393, 17763, 20348],
    rows: {
      'server 20348': 'H H B',
      'server 17763': 'H B -',
      'server 14393': 'B - -',
      'client 22000+': 'H H B',
      'client 19043-19045': 'H H -',
    },
  },
  {
    date: '2022-09-26',
    commit: '3efcfe4e',
    images: [14393, 17763, 20348],
    rows: {
      'server 20348': 'H H B',
      'server 17763': 'H B -',
      'server 14393': 'B - -',
      'client 22000+': 'H H B',
      'client 19043-19045': 'H B -',
    },
  },
  {
    date: '2022-12-15',
    commit: '65bb36e7',
    images: [14393, 17763, 20348],
    rows: {
      'server 20348': 'H H B',
      'server 17763': 'H B -',
      'server 14393': 'B - -',
      'client 22000+': 'H H B',
      'client 19043-19045': 'H B -',
    },
  },
  {
    date: '2023-03-16',
    commit: '5511b51c',
    images: [14393, 17763, 20348],
    rows: {
      'server 20348': 'H H B',
      'server 17763': 'H B -',
      'server 14393': 'B - -',
      'client 22000+': 'H H B',
      'client 19043-19045': 'H H -',
    },
  },
  {
    date: '2024-11-29',
    commit: 'd579eae8',
    confirmed: { date: '2025-09-17', commit: 'b9fb379f' },
    images: [14393, 17763, 20348, 26100],
    rows: {
      'server 26100': 'H H B B',
      'server 20348': 'H H B .',
      'server 17763': 'H B - .',
      'server 14393': 'B - - .',
      'client 22000-26099': 'H H B -',
      'client 26100+': 'H H B B',
      'client 19043-19045': 'H H - .',
    },
  },
];
