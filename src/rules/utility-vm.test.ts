import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { utilityVmSize } from './utility-vm.js';

const megabyte = 1024 * 1024;

/** Limit in MB, `--cpus`, processors of the host; memory in MB and processors of the VM. */
const rows: readonly (readonly [number, number, number, number, number])[] = [
  [0, 0, 8, 1024, 2],
  [0, 0, 1, 1024, 1],
  [256, 0, 8, 512, 2],
  [512, 0, 8, 1024, 2],
  [768, 0, 8, 1024, 2],
  [769, 0, 8, 1536, 2],
  [2048, 0, 8, 2560, 2],
  [0, 1, 8, 1024, 1],
  [0, 1.5, 8, 1024, 2],
  [0, 16, 8, 1024, 8],
];

test('a VM has 1024 MB and two processors, or what the limits come to', () => {
  for (const [limit, cpus, hostProcessors, memory, processors] of rows) {
    const size = utilityVmSize({ memoryLimit: limit * megabyte, nanoCpus: cpus * 1e9, hostProcessors });
    assert.deepEqual(
      [size.memory / megabyte, size.processors],
      [memory, processors],
      String([limit, cpus, hostProcessors]),
    );
    assert.equal(size.warnings.length, cpus > hostProcessors ? 1 : 0);
  }
});

test('a VM always has its limit and 256 MB, in steps of 512 MB, and no more processors than the host', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 40 }),
      fc.integer({ min: 1, max: 128e9 }),
      fc.integer({ min: 1, max: 256 }),
      (memoryLimit, nanoCpus, hostProcessors) => {
        const { memory, processors } = utilityVmSize({ memoryLimit, nanoCpus, hostProcessors });
        assert.ok(
          memory % (512 * megabyte) === 0 &&
            memory >= memoryLimit + 256 * megabyte &&
            memory < memoryLimit + 768 * megabyte,
        );
        assert.ok(processors >= 1 && processors <= hostProcessors);
      },
    ),
  );
});
