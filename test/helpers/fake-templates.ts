import type { Backends } from '../../src/server/index.js';

/** Templates without VMs: one that a container runs on and one that fits no more. */
export function fakeTemplates(): Backends['templates'] {
  const usual = { memory: 1024, processors: 2, size: 200_000_000, createdAt: 1_700_000_000_000, usedAt: 0 };
  let templates = [
    { ...usual, id: 'a'.repeat(24), base: 'nanoserver 10.0.17763.1', users: 1, stale: false },
    { ...usual, id: 'b'.repeat(24), base: '', users: 0, stale: true },
  ];
  return {
    list: async () => ({ templates, shared: 500_000_000 }),
    make: async function* (bases) {
      for (const base of bases) {
        yield { id: base, status: 'booting' };
        yield { id: base, aux: { Made: true, Milliseconds: 1200 } };
      }
    },
    prune: async ({ all }) => {
      const goes = templates.filter(({ users, stale }) => users === 0 && (stale || all));
      templates = templates.filter((template) => !goes.includes(template));
      return { removed: goes.map(({ id }) => id), bytes: goes.reduce((sum, { size }) => sum + size, 0) };
    },
  };
}
