import { WindowboxError } from '../../errors/index.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';
import { inspectObjects, kinds, type ObjectKind } from '../inspect/inspect-objects.js';

const format = {
  kind: 'string',
  short: 'f',
  help: "Format output using a custom template: 'json' or a Go template",
} as const;

export function makeInspectCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Return low-level information on containers, images, networks and volumes',
    usage: '[OPTIONS] NAME|ID [NAME|ID...]',
    examples: [
      { about: 'Everything, as JSON', line: 'windowbox inspect web' },
      { about: 'Which isolation was chosen', line: "windowbox inspect -f '{{.HostConfig.Isolation}}' web" },
    ],
    flags: {
      format,
      size: { kind: 'bool', short: 's', help: 'Display total file sizes if the type is container' },
      type: { kind: 'string', help: 'Return JSON for specified type' },
    },
    takes: { atLeast: 1 },
    run: async ({ args, flags, client }) =>
      inspectObjects(client(), args, {
        kinds: kindsOf(flags.text('type')),
        format: flags.text('format'),
        size: flags.isOn('size'),
      }),
  });
}

/** `container inspect`, `image inspect`, `network inspect`, `volume inspect`. */
export function makeInspectCommandFor(name: keyof typeof kinds): CommandDefinition {
  const noun = `${name.toUpperCase()} [${name.toUpperCase()}...]`;
  return defineCommand({
    summary: `Display detailed information on one or more ${name}s`,
    usage: `[OPTIONS] ${noun}`,
    examples: [{ about: 'Everything, as JSON', line: `windowbox ${name} inspect NAME` }],
    flags: {
      format,
      size: { kind: 'bool', short: 's', help: 'Display total file sizes', hidden: name !== 'container' },
    },
    takes: { atLeast: 1 },
    run: async ({ args, flags, client }) =>
      inspectObjects(client(), args, { kinds: [kinds[name]], format: flags.text('format'), size: flags.isOn('size') }),
  });
}

function kindsOf(type: string | undefined): readonly ObjectKind[] {
  if (type === undefined) return Object.values(kinds);
  const kind = Object.entries(kinds).find(([name]) => name === type)?.[1];
  if (kind === undefined) throw new WindowboxError('invalid-argument', `"${type}" is not a valid value for --type`);
  return [kind];
}
