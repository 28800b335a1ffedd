/**
 * Microsoft's table of host and image versions, as the page stood on each date on which it changed.
 *
 * Source: MicrosoftDocs/Virtualization-Documentation, virtualization/windowscontainers/deploy-containers/version-compatibility.md, git history.
 * A row is a host, `server` or `client` and its build or builds; a letter is an image, in the order of `images`:
 * B both isolations, H Hyper-V isolation only, - neither, . not in the table.
 *
 * Left out: the row and column of "Windows Server 21H1" (19043), a release that never shipped. Since 2022-09-22 the page says just
 * "Windows 10" and "Windows 11". The first is read for 1809 (17763) and later: for older hosts it would let a newer image run on an older host, and
 * those were out of the page by then. The footnote of 2024-11-29, "supported from Windows 11 24H2 (Build 2600) onwards" (the page's typing
 * error for 26100), is a row of its own.
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
      'server 14393': 'B-',
      'client 14393': 'B-',
      'client 15063': 'B-',
      'server 16299': 'HB',
      'client 16299': 'HB',
    },
  },
  {
    date: '2017-12-13',
    commit: '7b58ed17',
    images: [14393, 16299],
    rows: {
      'server 14393': 'B-',
      'client 14393': 'H-',
      'client 15063': 'H-',
      'server 16299': 'HB',
      'client 16299': 'HH',
    },
  },
  {
    date: '2018-06-13',
    commit: 'e57fc33c',
    images: [14393, 16299, 17134],
    rows: {
      'server 14393': 'B--',
      'client 14393': 'H--',
      'client 15063': 'H--',
      'server 16299': 'HB-',
      'client 16299': 'HH-',
      'server 17134': 'HHB',
      'client 17134': 'HHH',
    },
  },
  {
    date: '2018-10-03',
    commit: 'd69ed13d',
    images: [14393, 16299, 17134, 17763],
    rows: {
      'server 14393': 'B---',
      'client 14393': 'H---',
      'client 15063': 'H---',
      'server 16299': 'HB--',
      'client 16299': 'HH--',
      'server 17134': 'HHB-',
      'client 17134': 'HHH-',
      'server 17763': 'HHHB',
      'client 17763': 'HHHH',
    },
  },
  {
    date: '2019-05-31',
    commit: '2fab9142',
    images: [14393, 16299, 17134, 17763, 18362],
    rows: {
      'server 18362': 'HHHHB',
      'client 18362': 'HHHHH',
      'client 17763': 'HHHH-',
      'server 17763': 'HHHB-',
      'client 17134': 'HHH--',
      'server 17134': 'HHB--',
      'client 16299': 'HH---',
      'server 16299': 'HB---',
      'server 14393': 'B----',
    },
  },
  {
    date: '2019-08-27',
    commit: 'a736e9ef',
    images: [14393, 16299, 17134, 17763, 18362],
    rows: {
      'server 18362': 'HHHHB',
      'server 17763': 'HHHB-',
      'server 17134': 'HHB--',
      'server 16299': 'HB---',
      'server 14393': 'B----',
      'client 18362': 'HHHHH',
      'client 17763': 'HHHH-',
      'client 17134': 'HHH--',
      'client 16299': 'HH---',
    },
  },
  {
    date: '2019-11-13',
    commit: '40e46e7f',
    images: [14393, 17763, 18362, 18363],
    rows: {
      'server 18363': 'HHHB',
      'server 18362': 'HHB-',
      'server 17763': 'HB--',
      'server 14393': 'B---',
      'client 18363': 'HHHH',
      'client 18362': 'HHH-',
      'client 17763': 'HH--',
    },
  },
  {
    date: '2020-04-28',
    commit: '4533e9cb',
    images: [14393, 17763, 18362, 18363, 19041],
    rows: {
      'server 19041': 'HHHHB',
      'server 18363': 'HHHB-',
      'server 18362': 'HHB--',
      'server 17763': 'HB---',
      'server 14393': 'B----',
      'client 19041': 'HHHHB',
      'client 18363': 'HHHH-',
      'client 18362': 'HHH--',
      'client 17763': 'HH---',
    },
  },
  {
    date: '2020-10-13',
    commit: '8008a2db',
    images: [14393, 17763, 18362, 18363, 19041, 19042],
    rows: {
      'server 19042': 'HHHHHB',
      'server 19041': 'HHHHB-',
      'server 18363': 'HHHB--',
      'server 18362': 'HHB---',
      'server 17763': 'HB----',
      'server 14393': 'B-----',
      'client 19042': 'HHHHHB',
      'client 19041': 'HHHHB-',
      'client 18363': 'HHHH--',
      'client 18362': 'HHH---',
      'client 17763': 'HH----',
    },
  },
  {
    date: '2021-08-27',
    commit: '70a289f2',
    images: [14393, 17763, 18362, 18363, 19041, 19042],
    rows: {
      'server 19042': 'HHHHHB',
      'server 19041': 'HHHHB-',
      'server 18363': 'HHHB--',
      'server 18362': 'HHB---',
      'server 17763': 'HB----',
      'server 14393': 'B-----',
      'client 19042': 'HHHHHB',
      'client 19041': 'HHHHB-',
      'client 18363': 'HHHH--',
      'client 18362': 'HHH---',
      'client 17763': 'HH----',
    },
  },
  {
    date: '2021-09-09',
    commit: '4a80c634',
    images: [14393, 17763, 18362, 18363, 19041, 19042, 20348],
    rows: {
      'server 20348': 'HHHHHHB',
      'server 19042': 'HHHHHB-',
      'server 19041': 'HHHHB--',
      'server 18363': 'HHHB---',
      'server 18362': 'HHB----',
      'server 17763': 'HB-----',
      'server 14393': 'B------',
      'client 19043': 'HHHHHB.',
      'client 19042': 'HHHHHB.',
      'client 19041': 'HHHHB-.',
      'client 18363': 'HHHH--.',
      'client 18362': 'HHH---.',
      'client 17763': 'HH----.',
    },
  },
  {
    date: '2022-03-03',
    commit: '64b6d114',
    images: [14393, 17763, 18362, 18363, 19041, 19042, 20348],
    rows: {
      'server 20348': 'HHHHHHB',
      'server 19042': 'HHHHHB-',
      'server 19041': 'HHHHB--',
      'server 18363': 'HHHB---',
      'server 18362': 'HHB----',
      'server 17763': 'HB-----',
      'server 14393': 'B------',
      'client 22000': 'HHHHHHB',
      'client 19043': 'HHHHHHH',
      'client 19042': 'HHHHHB-',
      'client 19041': 'HHHHB--',
      'client 18363': 'HHHH---',
      'client 18362': 'HHH----',
      'client 17763': 'HH-----',
    },
  },
  {
    date: '2022-03-15',
    commit: '4c2e395c',
    images: [14393, 17763, 19042, 20348],
    rows: {
      'server 20348': 'HHHB',
      'server 19042': 'HHB-',
      'server 17763': 'HB--',
      'server 14393': 'B---',
      'client 22000': 'HHHB',
      'client 19043': 'HHHH',
      'client 19042': 'HHB-',
    },
  },
  {
    date: '2022-09-22',
    commit: '0f0bb479',
    images: [14393, 17763, 20348],
    rows: {
      'server 20348': 'HHB',
      'server 17763': 'HB-',
      'server 14393': 'B--',
      'client 22000+': 'HHB',
      'client 17763-19045': 'HH-',
    },
  },
  {
    date: '2022-09-26',
    commit: '3efcfe4e',
    images: [14393, 17763, 20348],
    rows: {
      'server 20348': 'HHB',
      'server 17763': 'HB-',
      'server 14393': 'B--',
      'client 22000+': 'HHB',
      'client 17763-19045': 'HB-',
    },
  },
  {
    date: '2022-12-15',
    commit: '65bb36e7',
    images: [14393, 17763, 20348],
    rows: {
      'server 20348': 'HHB',
      'server 17763': 'HB-',
      'server 14393': 'B--',
      'client 22000+': 'HHB',
      'client 17763-19045': 'HB-',
    },
  },
  {
    date: '2023-03-16',
    commit: '5511b51c',
    images: [14393, 17763, 20348],
    rows: {
      'server 20348': 'HHB',
      'server 17763': 'HB-',
      'server 14393': 'B--',
      'client 22000+': 'HHB',
      'client 17763-19045': 'HH-',
    },
  },
  {
    date: '2024-11-29',
    commit: 'd579eae8',
    confirmed: { date: '2025-09-17', commit: 'b9fb379f' },
    images: [14393, 17763, 20348, 26100],
    rows: {
      'server 26100': 'HHBB',
      'server 20348': 'HHB.',
      'server 17763': 'HB-.',
      'server 14393': 'B--.',
      'client 22000-26099': 'HHB-',
      'client 26100+': 'HHBB',
      'client 17763-19045': 'HH-.',
    },
  },
];
