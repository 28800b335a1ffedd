// `npm run bench:NAME [-- ARGS]`: one figure, from a fresh clone: prepares what its bench needs, says so where that takes time, and runs it.
import { spawnSync } from 'node:child_process';
import { fetchPrograms, installNodePackages, installPeers, repository, setUp, succeeds } from './prepare.mjs';

// Docker Engine is compared where it is installed. It is not installed for that: it would start, and change the firewall.
const benches = {
  api: { needs: ['setup', 'programs'], peers: ['busybox-static'] },
  build: { needs: ['setup'] },
  hyperv: { needs: ['setup'] },
  images: { needs: ['setup'], peers: ['docker-registry', 'skopeo'] },
  network: { needs: ['setup', 'programs'], peers: ['busybox-static'] },
  rules: { needs: [] },
  run: { needs: ['setup', 'programs'], peers: ['busybox-static'] },
  setup: { needs: ['setup'] },
};

const [name = '', ...args] = process.argv.slice(2);
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
if (bench === undefined) end(`No bench "${name}". There are: ${Object.keys(benches).join(', ')}.`);
if (bench.needs.length > 0 && process.getuid() !== 0)
  end(
    `bench:${name} installs what it needs and starts containers, which only root may. Run: sudo npm run bench:${name}`,
  );

prepare('Node packages', installNodePackages());
if (bench.needs.includes('setup')) prepare('system packages and runtime (./windowbox setup)', setUp());
if (bench.needs.includes('programs')) prepare('programs (node scripts/fetch-programs.mjs)', fetchPrograms());
prepare('programs to measure against', installPeers(bench.peers ?? []));
prepare('the bench (npx tsc -b bench)', succeeds('node_modules/.bin/tsc', ['-b', 'bench']));
const { status } = spawnSync(process.execPath, [`dist/bench/${name}.js`, ...args], {
  stdio: 'inherit',
  cwd: repository,
});
process.exit(status ?? 1);

function prepare(what, isReady) {
  if (!isReady) end(`Cannot run bench:${name}: ${what} could not be made ready, see above.`);
}

function end(reason) {
  console.error(reason);
  process.exit(1);
}
