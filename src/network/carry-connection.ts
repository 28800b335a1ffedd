import { connect, type Socket } from 'node:net';

export interface Target {
  readonly host: string;
  readonly port: number;
}

/** Joins a caller of the host's own `::1` with a container's port: the kernel redirects what is sent to 127.0.0.1, and nothing of `::1`. */
export function carryConnection(caller: Socket, target: Target): void {
  const onward = connect({ ...target, allowHalfOpen: true });
  for (const [one, other] of [
    [caller, onward],
    [onward, caller],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroySoon());
    one.pipe(other);
  }
}
