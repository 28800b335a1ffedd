/** Ours, with the certificates that the launcher took out of our own start, since reading them takes 90 ms: the daemon talks to registries. */
export function daemonEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const { WINDOWBOX_EXTRA_CA_CERTS: certificates, ...rest } = env;
  return certificates === undefined ? rest : { ...rest, NODE_EXTRA_CA_CERTS: certificates };
}
