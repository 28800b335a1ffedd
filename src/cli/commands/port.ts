import { WindowboxError } from '../../errors/index.js';
import { inspectContainer } from '../containers/inspect-container.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';
import { print } from '../streams/print.js';

export function makePortCommand(): CommandDefinition {
  return defineCommand({
    summary: 'List port mappings or a specific mapping for the container',
    usage: 'CONTAINER [PRIVATE_PORT[/PROTO]]',
    examples: [{ about: 'Where port 80 of it is', line: 'windowbox port web 80' }],
    flags: {},
    takes: { atLeast: 1, atMost: 2 },
    run: async ({ args, client }) => {
      const [name = '', wanted] = args;
      const { NetworkSettings } = await inspectContainer(client(), name);
      const ports = NetworkSettings.Ports ?? {};
      if (wanted === undefined) {
        const lines = Object.entries(ports).flatMap(([port, bindings]) =>
          (bindings ?? []).map((binding) => `${port} -> ${address(binding)}\n`),
        );
        print(lines.sort().join(''));
        return 0;
      }
      const key = wanted.includes('/') ? wanted : `${wanted}/tcp`;
      const bindings = ports[key] ?? [];
      if (bindings.length === 0)
        throw new WindowboxError('not-found', `Error: No public port '${key}' published for ${name}`);
      print(bindings.map((binding) => `${address(binding)}\n`).join(''));
      return 0;
    },
  });
}

function address({ HostIp, HostPort }: { readonly HostIp: string; readonly HostPort: string }): string {
  return `${HostIp.includes(':') ? `[${HostIp}]` : HostIp}:${HostPort}`;
}
