import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  booleanFilter,
  checkFilterNames,
  compareApiVersions,
  createContainerSchema,
  goTime,
  goTimeOfNanoseconds,
  hasFeature,
  humanDuration,
  humanSize,
  logTime,
  negotiateApiVersion,
  newestApiVersion,
  parseBody,
  parseFilters,
} from './index.js';

test('versions compare by number: 1.9 is older than 1.24', () => {
  assert.equal(compareApiVersions('1.9', '1.24'), -1);
  assert.equal(compareApiVersions('1.44', '1.44'), 0);
  assert.equal(compareApiVersions('2.0', '1.99'), 1);
  assert.equal(hasFeature('1.41', 'multiplexedContentType'), false);
  assert.equal(hasFeature('1.42', 'multiplexedContentType'), true);
});

test('a version that we do not speak is refused in the words that clients match on', () => {
  assert.equal(negotiateApiVersion(undefined), newestApiVersion);
  assert.throws(
    () => negotiateApiVersion('1.12'),
    /^WindowboxError: client version 1\.12 is too old\. Minimum supported API version is 1\.24, please upgrade/u,
  );
  assert.throws(() => negotiateApiVersion('9.0'), /client version 9\.0 is too new\. Maximum supported API version is/u);
});

test('filters come as lists or as sets; anything else is an invalid filter', () => {
  assert.deepEqual(parseFilters('{"label":["a=b","c"]}'), { label: ['a=b', 'c'] });
  assert.deepEqual(parseFilters('{"label":{"a=b":true}}'), { label: ['a=b'] });
  assert.deepEqual(parseFilters(''), {});
  assert.deepEqual(parseFilters('null'), {});
  for (const wrong of ['{', '[]', '7', '{"a":1}', '{"a":[1]}', '{"a":{"b":"c"}}'])
    assert.throws(() => parseFilters(wrong), /invalid filter/u, wrong);
  assert.throws(() => checkFilterNames({ colour: ['red'] }, ['label']), /invalid filter 'colour'/u);
  assert.equal(booleanFilter({ dangling: ['true'] }, 'dangling'), true);
  assert.equal(booleanFilter({ dangling: ['0'] }, 'dangling'), false);
  assert.throws(() => booleanFilter({ dangling: ['maybe'] }, 'dangling'), /invalid filter 'dangling=\[maybe\]'/u);
});

test('a create body: names in any case, null as absent, unknown fields overlooked, zero values filled in', () => {
  const body = parseBody(
    createContainerSchema,
    { image: 'nanoserver', cmd: 'ver', Env: null, Labels: { a: null }, HostConfig: null, Frobnicate: 7 },
    'CreateRequest',
  );
  assert.equal(body.Image, 'nanoserver');
  assert.deepEqual(body.Cmd, ['ver']);
  assert.deepEqual(body.Env, []);
  assert.deepEqual(body.Labels, { a: '' });
  assert.equal(body.HostConfig.Memory, undefined);
  assert.equal(body.Entrypoint, undefined);
  assert.deepEqual(body.HostConfig.RestartPolicy, { Name: '', MaximumRetryCount: 0 });
});

test('an empty list is not an absent one: it empties the entrypoint of the image', () => {
  assert.deepEqual(parseBody(createContainerSchema, { Entrypoint: [] }, 'CreateRequest').Entrypoint, []);
  assert.equal(parseBody(createContainerSchema, { Entrypoint: null }, 'CreateRequest').Entrypoint, undefined);
});

const wrongTypes: readonly (readonly [unknown, string])[] = [
  [{ Tty: 'yes' }, 'json: cannot unmarshal string into Go struct field CreateRequest.Tty of type bool'],
  [{ Env: 'A=B' }, 'json: cannot unmarshal string into Go struct field CreateRequest.Env of type []string'],
  [
    { HostConfig: { Memory: '1g' } },
    'json: cannot unmarshal string into Go struct field CreateRequest.HostConfig.Memory of type int64',
  ],
  [
    { HostConfig: { Memory: 1.5 } },
    'json: cannot unmarshal number 1.5 into Go struct field CreateRequest.HostConfig.Memory of type int64',
  ],
  [
    { Labels: ['a'] },
    'json: cannot unmarshal array into Go struct field CreateRequest.Labels of type map[string]string',
  ],
  [{ Labels: { a: 1 } }, 'json: cannot unmarshal number into Go struct field CreateRequest.Labels.a of type string'],
  [[], 'json: cannot unmarshal array into Go value of type CreateRequest'],
];

test('a wrong type is refused in the words of Go', () => {
  for (const [body, message] of wrongTypes)
    assert.throws(
      () => parseBody(createContainerSchema, body, 'CreateRequest'),
      (error) => error instanceof Error && error.message === `invalid JSON: ${message}`,
      message,
    );
});

test('times are printed as Go prints them', () => {
  assert.equal(goTime(Date.UTC(2026, 0, 2, 3, 4, 10)), '2026-01-02T03:04:10Z');
  assert.equal(goTime(Date.UTC(2026, 0, 2, 3, 4, 5, 120)), '2026-01-02T03:04:05.12Z');
  assert.equal(goTimeOfNanoseconds(1_500_000_001n), '1970-01-01T00:00:01.500000001Z');
  assert.equal(logTime(1_500_000_000n), '1970-01-01T00:00:01.500000000Z');
});

const durations: readonly (readonly [number, string])[] = [
  [0.4, 'Less than a second'],
  [1, '1 second'],
  [59, '59 seconds'],
  [60, 'About a minute'],
  [120, '2 minutes'],
  [3600, 'About an hour'],
  [47 * 3600, '47 hours'],
  [48 * 3600, '2 days'],
  [15 * 86_400, '2 weeks'],
  [70 * 86_400, '2 months'],
  [800 * 86_400, '2 years'],
];

test('durations are in the words of docker ps', () => {
  for (const [seconds, words] of durations) assert.equal(humanDuration(seconds * 1000), words);
});

test('sizes have four digits and decimal units', () => {
  assert.equal(humanSize(0), '0B');
  assert.equal(humanSize(1234), '1.234kB');
  assert.equal(humanSize(36_864_000), '36.86MB');
});
