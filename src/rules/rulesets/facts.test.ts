import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseEngineVersion } from '../engine-version.js';
import { hostProfile } from '../host-profile.js';
import type { Answer, Pair } from '../model.js';
import { findRuleset } from './index.js';

interface Row {
  readonly host: string;
  readonly image: number;
  readonly process: Answer;
  readonly hyperv: Answer;
  readonly stableAbi: boolean;
  readonly pull: boolean;
  readonly history: readonly { readonly since: string; readonly process: Answer; readonly hyperv: Answer }[];
  readonly reports: readonly { readonly mode: 'process' | 'hyperv' | 'pull'; readonly works: boolean }[];
}

const fixtures = join(dirname(fileURLToPath(import.meta.url)), '../../../../test/fixtures');
const rows = JSON.parse(readFileSync(join(fixtures, 'compatibility-verdicts.json'), 'utf8')) as readonly Row[];
const modes = ['process', 'hyperv'] as const;

test('the ruleset microsoft gives every published verdict', () => {
  assert.equal(rows.length, 290);
  const wrong = rows.flatMap((row) =>
    modes.filter((mode) => answer('microsoft', row, mode) !== row[mode]).map((mode) => name(row, mode)),
  );
  assert.deepEqual(wrong, []);
});

test('hcsshim and containerd give the stable ABI verdict of every pair', () => {
  for (const ruleset of ['hcsshim', 'containerd'])
    for (const row of rows)
      assert.equal(answer(ruleset, row, 'process') === 'allowed', row.stableAbi, `${ruleset} ${name(row, 'process')}`);
});

test('docker-pull refuses just the newer images, in both isolations', () => {
  for (const row of rows)
    for (const mode of modes) assert.equal(answer('docker-pull', row, mode) === 'allowed', row.pull, name(row, mode));
});

test('observed follows the reports, and is unknown where they contradict each other, depend on an update, or are missing', () => {
  const dependsOnUpdate = 'windows-server-2025 26100 process';
  for (const row of rows) {
    for (const mode of modes) {
      const works = row.reports
        .filter((report) => report.mode === mode || report.mode === 'pull')
        .map((report) => report.works);
      const isClear = works.length > 0 && new Set(works).size === 1 && name(row, mode) !== dependsOnUpdate;
      const expected = isClear ? (works[0] === true ? 'allowed' : 'refused') : 'unknown';
      assert.equal(answer('observed', row, mode), expected, name(row, mode));
    }
  }
});

/** Where our dated rulesets deliberately differ from a mechanical reading of the page. */
const knownHistoryMismatches: readonly { readonly pattern: RegExp; readonly reason: string }[] = [
  {
    pattern: /^windows-10-(?:1607|1703|1709|1803) 17763 20(?:22-09-22|22-09-26|23-03-16) /u,
    reason: 'the generic tab "Windows 10" would let an image run on a host older than itself',
  },
  {
    pattern: /^windows-11-(?:21h2|22h2|23h2) 26100 2024-11-29 /u,
    reason: 'the footnote limits the cell to Windows 11 24H2 and later',
  },
];

test('microsoft@DATE gives what the page said from that date on; each difference is listed with its reason', () => {
  const wrong = rows.flatMap((row) =>
    row.history.flatMap((entry) =>
      modes
        .filter((mode) => answer(`microsoft@${entry.since}`, row, mode) !== entry[mode])
        .map((mode) => `${row.host} ${String(row.image)} ${entry.since} ${mode}`),
    ),
  );
  const unlisted = wrong.filter((line) => !knownHistoryMismatches.some(({ pattern }) => pattern.test(line)));
  assert.deepEqual(unlisted, []);
  for (const { pattern, reason } of knownHistoryMismatches)
    assert.ok(
      wrong.some((line) => pattern.test(line)),
      `listed, but no longer different: ${reason}`,
    );
});

/** Every pair for which the default says another thing than Microsoft's page, and why. */
const differencesFromMicrosoft: Readonly<Record<string, string>> = {
  'windows-server-1909 14393 process': '1909 accepts older builds',
  'windows-server-1909 16299 process': '1909 accepts older builds',
  'windows-server-1909 17134 process': '1909 accepts older builds',
  'windows-server-1909 17763 process': '1909 accepts older builds',
  'windows-server-1909 18362 process': '1909 accepts older builds',
  'windows-10-1909 14393 process': '1909 accepts older builds',
  'windows-10-1909 16299 process': '1909 accepts older builds',
  'windows-10-1909 17134 process': '1909 accepts older builds',
  'windows-10-1909 17763 process': '1909 accepts older builds',
  'windows-10-1909 18362 process': '1909 accepts older builds',
  'windows-10-1809 17763 process': 'FAQ: a client with the image’s own build',
  'windows-10-1903 18362 process': 'FAQ: a client with the image’s own build',
  'windows-10-1909 18363 process': 'FAQ: a client with the image’s own build',
};

test('the default differs from Microsoft’s page in just the listed pairs, and answers where the page is silent on Hyper-V isolation', () => {
  for (const row of rows) {
    for (const mode of modes) {
      const ours = answer('windowbox', row, mode);
      if (mode === 'hyperv' && row.hyperv === 'unknown') assert.equal(ours, 'allowed', name(row, mode));
      else if (name(row, mode) in differencesFromMicrosoft)
        assert.deepEqual([ours, row[mode]], ['allowed', 'refused'], name(row, mode));
      else assert.equal(ours, row[mode], name(row, mode));
    }
  }
});

function answer(ruleset: string, row: Row, mode: 'process' | 'hyperv'): Answer {
  const host = hostProfile(row.host);
  const pair: Pair = {
    kind: host.kind,
    hostBuild: host.build,
    imageBuild: row.image,
    engine: parseEngineVersion('29.0.1'),
    product: undefined,
  };
  return findRuleset(ruleset).judge(pair)[mode].answer;
}

function name(row: Row, mode: string): string {
  return `${row.host} ${String(row.image)} ${mode}`;
}
