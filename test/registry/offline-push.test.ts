import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../src/platform/index.js';
import { realDaemon } from '../helpers/real-daemon.js';
import { microsoft, putMicrosoftBase, registry } from '../helpers/registry-world.js';
import { registryTest } from '../helpers/start-registry.js';
import { sha256 } from '../helpers/windows-image.js';

interface Config {
  readonly 'os.version': string;
  readonly rootfs: { readonly diff_ids: readonly string[] };
  readonly history: readonly { readonly created_by: string; readonly empty_layer?: boolean }[];
}

registryTest(
  "an image that was built offline goes out whole, its base taken from the copy of Microsoft's registry that is configured",
  async () => {
    const daemon = await realDaemon();
    try {
      // With the tag that is asked for first: the real registry is never reached for.
      const version = await versionOf(daemon);
      await putMicrosoftBase(version, version);
      const context = join(daemon.folder, 'context');
      mkdirSync(context);
      writeFileSync(join(context, 'hello.txt'), 'hello');
      writeFileSync(join(context, 'Dockerfile'), `FROM ${nano}\nCOPY hello.txt C:/\nCMD ["cmd"]\n`);
      const name = `${registry.host}/hello:1`;
      for (const args of [
        ['build', '-q', '-t', name, context],
        ['push', name],
      ]) {
        const { code, stderr } = await daemon.cli(args);
        assert.equal(code, 0, stderr);
      }

      const config = JSON.parse(await inspect(name, '--config')) as Config;
      assert.equal(config['os.version'], version);
      assert.equal(config.rootfs.diff_ids[0], sha256('theirs'));
      assert.equal(config.history[0]?.created_by, `Apply image ${version}`);
      const layers = config.history.filter((entry) => entry.empty_layer !== true).length;
      assert.equal(layers, config.rootfs.diff_ids.length, 'one history entry a layer');
      const manifest = JSON.parse(await inspect(name)) as { layers: { digest: string }[] };
      assert.equal(manifest.layers[0]?.digest, sha256('belongs to Microsoft'));
      assert.equal(manifest.layers.length, 2);

      const copy = `${registry.host}/other/hello:2`;
      await daemon.cli(['tag', name, copy]);
      const again = await daemon.cli(['push', copy]);
      assert.equal(again.code, 0, again.stderr);
      assert.equal(again.stdout.match(/: Mounted from hello\n/gu)?.length, 2, 'no byte of a layer a second time');
      assert.doesNotMatch(again.stdout, /Pushed/u);
    } finally {
      await daemon.close();
    }
  },
);

const nano = 'mcr.microsoft.com/windows/nanoserver:ltsc2022';

/** Configures the daemon before it starts, and asks it for the version that its base stands for. */
async function versionOf(daemon: Awaited<ReturnType<typeof realDaemon>>): Promise<string> {
  const path = join(daemon.folder, 'daemon.json');
  writeFileSync(path, JSON.stringify({ 'microsoft-mirrors': [`http://${microsoft.host}`] }));
  daemon.env['WINDOWBOX_CONFIG'] = path;
  const pulled = await daemon.cli(['pull', '-q', nano]);
  assert.equal(pulled.code, 0, pulled.stderr);
  const { stdout } = await daemon.cli(['image', 'inspect', '-f', '{{.OsVersion}}', nano]);
  return stdout.trim();
}

async function inspect(name: string, ...more: readonly string[]): Promise<string> {
  const words = ['inspect', '--raw', ...more, '--tls-verify=false', '--override-os', 'windows', `docker://${name}`];
  return (await runCommand('skopeo', words, { timeoutMs: 30_000 })).stdout;
}
