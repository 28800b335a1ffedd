import type { Socket } from 'node:net';
import { connect } from '../connection/connect.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';
import { writeFully } from '../streams/write-fully.js';

export function makeDialStdioCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Carry a connection to the daemon over stdin and stdout',
    usage: '',
    details:
      'What a Docker client runs over ssh, as "docker system dial-stdio": a link named docker to windowbox in the PATH of the remote ' +
      'machine makes "docker -H ssh://machine" reach Windowbox there.',
    examples: [{ about: 'What a Docker client starts on the remote machine', line: 'windowbox system dial-stdio' }],
    flags: {},
    takes: { exactly: 0 },
    run: async ({ client }) => {
      await carry(await connect(client().endpoint));
      return 0;
    },
  });
}

/** Ends when the daemon has closed its side; the end of stdin closes ours, so that an answer that is under way still comes. */
async function carry(socket: Socket): Promise<void> {
  process.stdin.pipe(socket);
  try {
    for await (const chunk of socket) if (chunk instanceof Uint8Array) await writeFully(1, chunk);
  } finally {
    process.stdin.destroy();
    socket.destroy();
  }
}
