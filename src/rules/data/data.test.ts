import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseImages } from './base-images.js';
import { builds, factsOfBuild } from './builds.js';
import { hcsAdvice } from './hcs-advice.js';
import { hcsErrors } from './hcs-errors.js';
import { hostReleases } from './host-releases.js';
import { knownMessages } from './known-messages.js';
import { tableSnapshots } from './microsoft-table.js';
import { reports } from './reports.js';

const isDate = (text: string): boolean =>
  /^20[0-9]{2}-[01][0-9]-[0-3][0-9]$/u.test(text) && !Number.isNaN(Date.parse(text));

test('every release has its own id, a build of five digits and dates in order', () => {
  assert.equal(hostReleases.length, 30);
  assert.equal(new Set(hostReleases.map(({ id }) => id)).size, hostReleases.length);
  for (const release of hostReleases) {
    assert.match(release.id, /^windows-(?:server|10|11)-[0-9a-z]+$/u);
    assert.ok(release.build >= 14393 && release.build <= 99999, release.id);
    const { released, mainstreamEnd, endOfSupportPro, endOfSupportLtsc, endOfSupport } = release;
    for (const date of [released, mainstreamEnd, endOfSupportPro, endOfSupportLtsc, endOfSupport])
      assert.ok(date === undefined || isDate(date), `${release.id} ${String(date)}`);
    assert.ok(released < endOfSupport && (mainstreamEnd ?? released) <= endOfSupport, release.id);
    assert.ok(factsOfBuild(release.build) !== undefined, `no facts of build ${String(release.build)}`);
  }
});

test('every base image has tags of its own, and a build that some host has', () => {
  const hostBuilds = new Set(hostReleases.map(({ build }) => build));
  const tags = baseImages.flatMap(({ product, tags: own }) => own.map((tag) => `${product}:${tag}`));
  assert.equal(new Set(tags).size, tags.length);
  for (const { product, build, tags: own, released, endOfSupport } of baseImages) {
    assert.ok(own.length > 0 && hostBuilds.has(build), `${product} ${String(build)}`);
    for (const date of [released, endOfSupport]) assert.ok(date === undefined || isDate(date));
    assert.ok(
      factsOfBuild(build)?.revision !== undefined,
      `a base of build ${String(build)} needs a revision to present`,
    );
  }
});

test('every build is listed once, and its label names a build', () => {
  assert.equal(new Set(builds.map(({ build }) => build)).size, builds.length);
  for (const { label } of builds)
    assert.match(
      label ?? '10000.1.amd64fre.x_release.150101-0000',
      /^[0-9]{5}\.[0-9]+\.amd64fre\.\w+\.[0-9]{6}-[0-9]{4}$/u,
    );
});

test('each snapshot of the table is in order of dates, with a letter for each image in each row', () => {
  const dates = tableSnapshots.map(({ date }) => date);
  assert.deepEqual(dates, dates.toSorted());
  for (const { date, commit, images, rows } of tableSnapshots) {
    assert.ok(isDate(date) && /^[0-9a-f]{8}$/u.test(commit), date);
    for (const [row, letters] of Object.entries(rows)) {
      assert.match(row, /^(?:server|client) [0-9]{5}(?:\+|-[0-9]{5})?$/u, date);
      assert.match(letters, /^[BH.-]+$/u, `${date} ${row}`);
      assert.equal(letters.length, images.length, `${date} ${row}`);
    }
  }
});

test('no table, at no date, lets a newer image run, except 2022 on Windows 10 21H1 in 2021 and 2022', () => {
  for (const { date, images, rows } of tableSnapshots) {
    for (const [row, letters] of Object.entries(rows)) {
      const host = Number(/[0-9]{5}/u.exec(row)?.[0]);
      for (const [index, image] of images.entries()) {
        const isException = row === 'client 19043' && image === 20348;
        if (image > host && !isException)
          assert.match(letters[index] ?? '', /[-.]/u, `${date} ${row} ${String(image)}`);
      }
    }
  }
});

test('every report names its place, and every HCS code its name', () => {
  assert.equal(reports.length, 23);
  for (const { where } of reports) assert.match(where, /#[0-9]+/u);
  assert.equal(hcsErrors.length, 32);
  assert.equal(
    hcsErrors.flatMap(({ hresult, errno }) => [hresult, errno]).filter((name) => name !== undefined).length,
    50,
  );
  for (const low of Object.keys(hcsAdvice))
    assert.ok(
      hcsErrors.some((error) => error.low === Number(low)),
      `advice for no code: ${low}`,
    );
});

test('every known message says what it means, why, and the way out', () => {
  assert.equal(new Set(knownMessages.map(({ id }) => id)).size, knownMessages.length);
  for (const { id, meaning, causes, ways } of knownMessages)
    assert.ok(meaning.endsWith('.') && causes.length > 0 && ways.length > 0, id);
});
