import { WindowboxError } from '../../errors/index.js';
import { forEachTarget } from '../containers/for-each.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';
import { orThrow } from '../parse/or-throw.js';
import { parseRestartPolicy } from '../parse/restart-policy.js';
import { printError } from '../streams/print.js';

export function makeUpdateCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Update configuration of one or more containers',
    usage: '[OPTIONS] CONTAINER [CONTAINER...]',
    examples: [{ about: 'Change its limits while it runs', line: 'windowbox update --memory 1g --cpus 1.5 web' }],
    flags: {
      'cpu-shares': { kind: 'int', short: 'c', help: 'CPU shares (relative weight)' },
      cpus: { kind: 'cpus', help: 'Number of CPUs' },
      memory: { kind: 'bytes', short: 'm', help: 'Memory limit' },
      'memory-swap': { kind: 'bytes', help: "Swap limit equal to memory plus swap: '-1' to enable unlimited swap" },
      'pids-limit': { kind: 'int', help: 'Tune container pids limit (set -1 for unlimited)' },
      restart: { kind: 'string', help: 'Restart policy to apply when a container exits' },
    },
    takes: { atLeast: 1 },
    run: async ({ args, flags, client }) => {
      const restart = flags.text('restart');
      const fields = {
        CpuShares: flags.number('cpu-shares'),
        NanoCpus: flags.number('cpus'),
        Memory: flags.number('memory'),
        MemorySwap: flags.number('memory-swap'),
        PidsLimit: flags.number('pids-limit'),
        RestartPolicy: restart === undefined ? undefined : orThrow(parseRestartPolicy(restart)),
      };
      if (Object.values(fields).every((value) => value === undefined))
        throw new WindowboxError('invalid-argument', 'you must provide one or more flags when using this command');
      return forEachTarget(args, async (name) => {
        const path = `/containers/${encodeURIComponent(name)}/update`;
        const { Warnings } = await client().json<{ Warnings: readonly string[] | null }>({
          method: 'POST',
          path,
          body: fields,
        });
        for (const warning of Warnings ?? []) printError(`WARNING: ${warning}\n`);
        return name;
      });
    },
  });
}
