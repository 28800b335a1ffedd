import type { Client } from '../connection/client.js';

/** What of `GET /containers/{id}/json` the commands themselves need. */
export interface InspectedContainer {
  readonly Id: string;
  readonly Name: string;
  readonly State: {
    readonly Running: boolean;
    readonly Paused: boolean;
    readonly Restarting: boolean;
    readonly ExitCode: number;
  };
  readonly Config: { readonly Tty: boolean; readonly OpenStdin: boolean };
  readonly HostConfig: { readonly AutoRemove: boolean };
  readonly NetworkSettings: {
    readonly Ports: Readonly<
      Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>
    > | null;
  };
}

/** @throws WindowboxError `not-found`. */
export async function inspectContainer(client: Client, name: string): Promise<InspectedContainer> {
  return client.json<InspectedContainer>({ method: 'GET', path: `/containers/${encodeURIComponent(name)}/json` });
}
