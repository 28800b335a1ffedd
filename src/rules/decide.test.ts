import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decide, isGood, type Question, type Verdict } from './decide.js';
import { hostIds, hostProfile, profileOfBuild, type ProfileOptions } from './host-profile.js';
import { judgePair } from './judge-pair.js';
import type { ImageTarget } from './model.js';
import { readImage } from './read-image.js';
import { allBases } from './resolve-base.js';
import { microsoftDates } from './rulesets/index.js';
import { waysOut } from './ways-out.js';

const realHosts = hostIds.filter((id) => id !== 'any').map((id) => hostProfile(id));
const engines = ['1.12.0', '17.09.0', '18.06.0', '18.09.0', '18.09.1', '19.03.5', '20.10.24', '23.0.0', '29.0.1'];
const modes = ['process', 'hyperv'] as const;
const anyHost = fc.oneof(
  fc.constantFrom(...realHosts),
  fc
    .tuple(fc.constantFrom('server', 'client'), fc.integer({ min: 14393, max: 40000 }))
    .map(([kind, build]) => profileOfBuild(kind, build)),
);
const anyBuild = fc.oneof(
  fc.constantFrom(...realHosts.map(({ build }) => build)),
  fc.integer({ min: 14393, max: 40000 }),
);
const image = (build: number): ImageTarget => ({ label: String(build), osVersion: { major: 10, minor: 0, build } });

function ask(host: string, words: string, options: Partial<Question> & ProfileOptions = {}): Verdict {
  return decide({ ...options, host: hostProfile(host, options), image: readImage(words) });
}

test('under the default rules a newer image never runs on an older host, whatever the build, engine or isolation', () => {
  fc.assert(
    fc.property(anyHost, anyBuild, fc.constantFrom(...engines), (host, build, engine) => {
      fc.pre(build > host.build);
      const verdicts = judgePair({ ...host, engine }, image(build));
      for (const mode of modes) assert.equal(verdicts[mode].answer, 'refused');
    }),
  );
});

test('Hyper-V isolation is monotone: what runs on a host runs on every newer one that Docker starts on', () => {
  fc.assert(
    fc.property(anyHost, anyHost, anyBuild, (a, b, build) => {
      const [older, newer] = a.build <= b.build ? [a, b] : [b, a];
      if (judgePair(older, image(build)).hyperv.answer === 'allowed')
        assert.equal(judgePair(newer, image(build)).hyperv.answer, 'allowed');
    }),
  );
});

test('what process isolation runs, Hyper-V isolation runs too', () => {
  fc.assert(
    fc.property(anyHost, anyBuild, fc.constantFrom(...engines), (host, build, engine) => {
      const verdicts = judgePair({ ...host, engine }, image(build));
      if (verdicts.process.answer === 'allowed') assert.equal(verdicts.hyperv.answer, 'allowed');
    }),
  );
});

test('strict allows less, never more; and every ruleset has a reason and a source for each answer', () => {
  const rulesets = [
    'windowbox',
    'microsoft',
    'hcsshim',
    'containerd',
    'docker-pull',
    'observed',
    ...microsoftDates.map((date) => `microsoft@${date}`),
  ];
  fc.assert(
    fc.property(anyHost, anyBuild, fc.constantFrom(...rulesets), (host, build, ruleset) => {
      const plain = judgePair(host, image(build), { ruleset });
      const strict = judgePair(host, image(build), { ruleset, strict: true });
      for (const mode of modes) {
        if (strict[mode].answer === 'allowed') assert.equal(plain[mode].answer, 'allowed');
        assert.ok(plain[mode].reason !== '' && plain[mode].source.where !== '');
        if (strict[mode].answer === 'allowed')
          assert.ok(
            strict[mode].disagreements.every(
              ({ answer, ruleset: other }) => answer !== 'refused' || other.includes('@'),
            ),
          );
      }
    }),
  );
});

test('a remembered verdict is the same as a fresh one', () => {
  fc.assert(
    fc.property(anyHost, anyBuild, fc.constantFrom(...engines), (host, build, engine) => {
      const first = JSON.stringify(decide({ host: { ...host, engine }, image: image(build) }));
      assert.equal(JSON.stringify(decide({ host: { ...host, engine }, image: image(build) })), first);
    }),
  );
});

test('every way out leads out: the flag, the tag and the host that are named run the image', () => {
  for (const host of realHosts) {
    for (const base of allBases()) {
      for (const isolation of modes) {
        const verdict = decide({ host, image: readImage(base.canonical), isolation });
        for (const way of waysOut(verdict)) {
          const words = way.command?.split(' ') ?? [];
          if (way.change === 'flag')
            assert.equal(
              decide({ host, image: readImage(base.canonical), isolation: words[2]?.split('=')[1] ?? '' }).answer,
              'allowed',
              way.command,
            );
          if (way.change === 'tag')
            assert.equal(decide({ host, image: readImage(words[3] ?? ''), isolation }).answer, 'allowed', way.command);
          if (way.change === 'host')
            assert.equal(
              decide({ host: hostProfile(words[3] ?? ''), image: readImage(base.canonical), isolation }).answer,
              'allowed',
              way.command,
            );
        }
      }
    }
  }
});

test('every refusal in process isolation on a server has a way out', () => {
  for (const host of realHosts.filter(({ kind }) => kind === 'server'))
    for (const base of allBases()) {
      const verdict = decide({ host, image: readImage(base.canonical) });
      assert.equal(verdict.answer === 'refused', waysOut(verdict).length > 0, `${host.id} ${base.canonical}`);
    }
});

/** Host, its revision, image, answer in process isolation, what the reason says. */
const revisions: readonly (readonly [string, number | undefined, string, string, RegExp])[] = [
  ['ws2016', 1944, '10.0.14393.1944', 'allowed', /build/u],
  ['ws2016', 1944, '10.0.14393.1914', 'refused', /host’s revision, 1944, and the image has 1914/u],
  ['ws2016', 1944, '10.0.14393', 'allowed', /build/u],
  ['ws2019', 1039, '10.0.17763.437', 'refused', /February 2020/u],
  ['ws2019', 437, '10.0.17763.1040', 'refused', /February 2020/u],
  ['ws2019', 437, '10.0.17763.1', 'allowed', /build/u],
  ['ws2019', 3887, '10.0.17763.1040', 'allowed', /build/u],
  ['windows-server-1909', 1556, '10.0.18362.418', 'refused', /February 2020/u],
  ['windows-server-1909', 1556, '10.0.18362.959', 'allowed', /1909/u],
  ['ws2022', 1, '10.0.20348.5499', 'allowed', /build/u],
];

test('the revision counts on Windows Server 2016, and across February 2020; nowhere else, and never in Hyper-V isolation', () => {
  for (const [host, revision, words, answer, reason] of revisions) {
    const verdict = ask(host, words, revision === undefined ? {} : { revision });
    assert.equal(verdict.modes.process.answer, answer, `${host} ${words}`);
    assert.match(verdict.modes.process.reason, reason);
    assert.equal(verdict.modes.hyperv.answer, 'allowed');
  }
  assert.deepEqual(ask('ws2019', '10.0.17763.437', { revision: 1039 }).refusals, [], 'Docker has no text for it');
});

test('warnings tell of a newer revision, an ended support, a missing version, and an unknown revision on 2016', () => {
  const kinds = (verdict: Verdict): readonly string[] => verdict.warnings.map(({ kind }) => kind);
  assert.deepEqual(kinds(ask('ws2025', '10.0.26100.5000', { revision: 4000 })), ['report', 'revision']);
  assert.deepEqual(kinds(ask('ws2022', 'ltsc2022', { today: '2026-11-23' })), []);
  assert.deepEqual(
    kinds(ask('ws2022', 'mcr.microsoft.com/windows/servercore:20H2', { today: '2026-11-23', isolation: 'hyperv' })),
    ['end-of-support'],
  );
  assert.deepEqual(kinds(ask('windows-server-1809', 'ltsc2019', { today: '2026-11-23' })), ['end-of-support']);
  assert.deepEqual(kinds(ask('ws2016', '10.0.14393')), ['revision']);
  const unstated = decide({ host: hostProfile('ws2022'), image: { label: 'x' } });
  assert.deepEqual([unstated.answer, kinds(unstated)], ['unknown', ['unstated']]);
});

test('a Docker that does not start on the host refuses everything there', () => {
  const { modes: verdicts, refusals } = ask('windows-server-1803', '1803', { engine: '29.0.1' });
  assert.deepEqual([verdicts.process.answer, verdicts.hyperv.answer], ['refused', 'refused']);
  assert.deepEqual(
    refusals.map(({ at }) => at),
    ['daemon start'],
  );
});

test('good means: it runs in the mode asked for, and the licence allows the purpose', () => {
  assert.ok(isGood(ask('ws2022', 'ltsc2022')));
  assert.ok(!isGood(ask('ws2022', 'ltsc2019')));
  assert.ok(isGood(ask('ws2022', 'ltsc2019', { isolation: 'hyperv' })));
  assert.ok(!isGood(ask('win11', 'ltsc2022', { purpose: 'production' })));
  assert.ok(!isGood(ask('ws2022', 'ltsc2022', { edition: 'standard', isolation: 'hyperv', hypervContainers: 3 })));
});
