import { writeFileSync } from 'node:fs';
import { openContext } from '../build/build-context.js';
import { sendSecrets } from '../build/build-secrets.js';
import { sendBuild } from '../build/send-build.js';
import { progressMode, showBuild } from '../build/show-build.js';
import { checkAddHost, splitHost } from '../create/check-values.js';
import type { QueryValue } from '../connection/client.js';
import { type CommandDefinition, type CommandInput, defineCommand } from '../define/command.js';
import type { FlagTable } from '../define/flag.js';
import { registryConfig } from '../images/registry-auth.js';
import { inheritVariables, pairsToObject } from '../parse/env-file.js';
import { print } from '../streams/print.js';

const buildFlags = {
  'add-host': { kind: 'list', help: 'Add a custom host-to-IP mapping (host:ip)', check: checkAddHost },
  'build-arg': { kind: 'list', help: 'Set build-time variables' },
  'cache-from': { kind: 'list', help: 'Images to consider as cache sources' },
  'cpu-shares': { kind: 'int', short: 'c', help: 'CPU shares (relative weight)' },
  file: { kind: 'string', short: 'f', help: 'Name of the Dockerfile', shownDefault: 'PATH/Dockerfile' },
  'force-rm': { kind: 'bool', help: 'No effect: a build leaves no intermediate containers' },
  iidfile: { kind: 'string', help: 'Write the image ID to the file' },
  isolation: { kind: 'string', help: 'Container isolation technology: process, hyperv or default' },
  label: { kind: 'list', help: 'Set metadata for an image' },
  memory: { kind: 'bytes', short: 'm', help: 'Memory limit' },
  'memory-swap': { kind: 'bytes', help: "Swap limit equal to memory plus swap: '-1' to enable unlimited swap" },
  network: {
    kind: 'string',
    help: 'Set the networking mode for the RUN instructions during build',
    shownDefault: 'default',
  },
  'no-cache': { kind: 'bool', help: 'Do not use cache when building the image' },
  platform: { kind: 'string', help: 'Set platform; several Windows builds with commas between' },
  progress: { kind: 'string', help: 'Set type of progress output: auto, plain, tty or quiet', shownDefault: 'auto' },
  pull: { kind: 'bool', help: 'Always attempt to pull a newer version of the image' },
  quiet: { kind: 'bool', short: 'q', help: 'Suppress the build output and print image ID on success' },
  rm: { kind: 'bool', on: true, help: 'No effect: a build leaves no intermediate containers' },
  secret: { kind: 'list', help: "Secret for RUN --mount=type=secret ('id=ID,src=FILE' or 'id=ID,env=NAME')" },
  squash: { kind: 'bool', hidden: true, help: 'Squash newly built layers into a single new layer' },
  tag: { kind: 'list', short: 't', help: "Name and optionally a tag in the 'name:tag' format" },
  target: { kind: 'string', help: 'Set the target build stage to build' },
} as const satisfies FlagTable;

export function makeBuildCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Build an image from a Dockerfile',
    usage: '[OPTIONS] PATH | URL | -',
    examples: [
      { about: 'The Dockerfile of this folder', line: 'windowbox build -t my/app:1 .' },
      {
        about: 'For two Windows builds at once',
        line: "windowbox build -t my/app:1 --platform 'windows(10.0.17763)/amd64,windows(10.0.20348)/amd64' .",
      },
      {
        about: 'With a secret, which RUN --mount=type=secret,id=token finds as C:\\run\\secrets\\token',
        line: 'windowbox build -t my/app:1 --secret id=token,src=token.txt .',
      },
    ],
    flags: buildFlags,
    takes: { exactly: 1 },
    run: async ({ args, flags, client }) => {
      const { files, dockerfile } = await openContext(args[0] ?? '', flags.text('file'));
      const quiet = flags.isOn('quiet') || flags.text('progress') === 'quiet';
      const mode = quiet ? 'quiet' : progressMode(flags.text('progress'));
      const daemon = client();
      const secrets = await sendSecrets(daemon, flags.all('secret'));
      const sent = await sendBuild(daemon, files, {
        query: { ...buildQuery(flags), dockerfile, secrets, steps: 1 },
        headers: await registryConfig(),
      });
      const { images, failed } = await showBuild(sent, mode);
      if (failed) return 1;
      if (quiet) print(images.map((id) => `${id}\n`).join(''));
      const idFile = flags.text('iidfile');
      if (idFile !== undefined) writeFileSync(idFile, images.join('\n'));
      return 0;
    },
  });
}

function buildQuery(flags: CommandInput<typeof buildFlags>['flags']): Record<string, QueryValue> {
  const swap = flags.number('memory-swap');
  return {
    t: flags.all('tag'),
    target: flags.text('target'),
    // As buildx has it: whoever sets it for all tools need not name it for this one.
    buildargs: JSON.stringify(
      pairsToObject(inheritVariables(['SOURCE_DATE_EPOCH', ...flags.all('build-arg')], process.env)),
    ),
    labels: JSON.stringify(pairsToObject(flags.all('label'))),
    cachefrom: JSON.stringify(flags.all('cache-from')),
    extrahosts: flags.all('add-host').map((text) => splitHost(text).join(':')),
    nocache: flags.isOn('no-cache') ? 1 : undefined,
    pull: flags.isOn('pull') ? 1 : undefined,
    rm: flags.isOn('rm') ? 1 : 0,
    forcerm: flags.isOn('force-rm') ? 1 : undefined,
    squash: flags.isOn('squash') ? 1 : undefined,
    platform: flags.text('platform'),
    isolation: flags.text('isolation'),
    networkmode: flags.text('network'),
    memory: flags.number('memory'),
    memswap: swap,
    cpushares: flags.number('cpu-shares'),
  };
}
