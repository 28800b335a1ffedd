import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BuildStepEvent } from '../../docker-api/index.js';
import { trackSteps } from './build-steps.js';
import { plainProgress } from './plain-progress.js';
import { terminalProgress } from './terminal-progress.js';

const events: readonly (readonly [now: number, event: BuildStepEvent])[] = [
  [0, { state: 'begun', step: 1, name: '[a 1/2] RUN one' }],
  [0, { state: 'begun', step: 2, name: '[b 1/2] RUN two' }],
  [500, { state: 'log', step: 1, text: 'half a ' }],
  [600, { state: 'log', step: 2, text: 'whole\r\n' }],
  [700, { state: 'log', step: 1, text: 'line\n\u001B[2Jbar 1\rbar 2' }],
  [800, { state: 'cached', step: 2 }],
  [900, { state: 'warning', text: 'careful' }],
  [1200, { state: 'failed', step: 1, error: 'no', excerpt: '' }],
];

test('plain progress gives each line the number of its step, and a headline where another step goes on', () => {
  let written = '';
  const take = plainProgress(trackSteps(), (text) => {
    written += text;
  });
  for (const [now, event] of events) take(event, now);
  assert.deepEqual(written.split('\n'), [
    '#1 [a 1/2] RUN one',
    '#1 ...',
    '',
    '#2 [b 1/2] RUN two',
    '#2 0.600 whole',
    '#2 ...',
    '',
    '#1 [a 1/2] RUN one',
    '#1 0.700 half a line',
    '#1 ...',
    '',
    '#2 [b 1/2] RUN two',
    '#2 CACHED',
    '',
    'WARNING: careful',
    '',
    '#1 [a 1/2] RUN one',
    '#1 1.200 bar 2',
    '#1 ERROR: no',
    '',
  ]);
});

test('terminal progress draws over itself, no wider than the terminal, and lets no program move the cursor', () => {
  const steps = trackSteps();
  const pictures: string[] = [];
  const terminal = terminalProgress(steps, {
    size: () => ({ columns: 40, rows: 24 }),
    write: (text) => pictures.push(text),
    startedAt: 0,
  });
  for (const [now, event] of events.slice(0, 5)) terminal.take(event, now);
  terminal.draw(700);
  assert.deepEqual(pictures[0]?.split('\n'), [
    '[+] Building 0.7s (0/2)',
    ' => [a 1/2] RUN one               0.7s',
    ' => => # half a line',
    ' => [b 1/2] RUN two               0.7s',
    ' => => # whole',
    '',
  ]);
  for (const [now, event] of events.slice(5)) terminal.take(event, now);
  terminal.finish(1300);
  assert.ok(pictures[1]?.startsWith('\u001B[5A\r\u001B[J[+] Building 1.3s (2/2) FINISHED\n => ERROR [a 1/2]'));
  assert.equal(pictures.slice(1).join('').split('\u001B').length, 3, 'no other control sequence than ours');
  assert.equal(pictures[2], 'WARNING: careful\n');
});
