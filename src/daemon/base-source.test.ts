import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseReference } from '../oci/index.js';
import { resolvePaths } from '../platform/index.js';
import { allBases } from '../rules/index.js';
import { makeBaseSource } from './base-source.js';

test("each base's time of publication is a whole RFC 3339 time: others refuse to read an image with less", () => {
  const source = makeBaseSource(resolvePaths());
  const times = allBases().map(({ canonical }) => source.find(parseReference(canonical))?.released);
  assert.ok(times.some((time) => time !== undefined));
  for (const time of times) assert.match(time ?? '1970-01-01T00:00:00Z', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/u);
});
