import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from './metrics.js';

test('a bucket of a histogram counts all that lies below its bound', () => {
  const metrics = createMetrics();
  for (const seconds of [0.001, 0.003, 0.2, 60])
    metrics.countRequest({ method: 'GET', route: '/_ping', status: 200, seconds });
  const buckets = [...metrics.render().matchAll(/^windowbox_http_request_seconds_bucket\{le="(.+)"\} (\d+)$/gmu)];
  assert.deepEqual(
    buckets.map(([, bound, count]) => `${bound ?? ''}: ${count ?? ''}`),
    ['0.001: 1', '0.005: 2', '0.025: 2', '0.1: 2', '0.5: 3', '2.5: 3', '10: 3', '+Inf: 4'],
  );
  assert.match(metrics.render(), /^windowbox_http_requests_total\{method="GET",route="\/_ping",status="200"\} 4$/mu);
});
