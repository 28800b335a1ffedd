/**
 * Docker's own wording where clients, scripts and people match on it. Each is moby's, with what varies as arguments; nothing
 * here may be improved.
 */
export const dockerTexts = {
  pageNotFound: 'page not found',
  noStreamChosen: 'Bad parameters: you must choose at least one stream',
  bodyAtStart: 'starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24',
  emptyCreate: 'config cannot be empty in order to create a container',
  noExecCommand: 'No exec command specified',
  contentAfterJson: 'unexpected content after JSON',
  emptyJson: 'invalid JSON: got EOF while reading request body',
  notSwarmManager:
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
  invalidCondition: (value: string) => `invalid condition: ${goQuote(value)}`,
  invalidInteger: (value: string) => `strconv.Atoi: parsing ${goQuote(value)}: invalid syntax`,
  invalidResize: (side: 'height' | 'width', value: string) =>
    `invalid resize ${side} ${goQuote(value)}: ${value === '' ? 'strconv.ParseUint: parsing "": invalid syntax' : `strconv.ParseUint: parsing ${goQuote(value)}: invalid syntax`}`,
  contentType: (value: string) => `unsupported Content-Type header (${value}): must be 'application/json'`,
  malformedContentType: (value: string) => `malformed Content-Type header (${value}): mime: no media type`,
  unsupportedOnWindows: (option: string) => `invalid option: Windows does not support ${option}`,
  squash: 'squash is only supported with experimental mode',
  privileged: 'Windows does not support privileged mode',
  readOnlyRoot: 'Windows does not support root filesystem in read-only mode',
  realTimePeriod: 'Windows does not support CPU real-time period',
  realTimeRuntime: 'Windows does not support CPU real-time runtime',
  cpuSharesRange: 'range of CPUShares is from 1 to 10000',
  cpuPercentRange: 'range of CPUPercent is from 1 to 100',
  cpuCountNegative: 'invalid CPUCount: CPUCount cannot be negative',
  cpusRange: (count: number) =>
    `range of CPUs is from 0.01 to ${String(count)}.00, as there are only ${String(count)} CPUs available`,
  cpusAndPercent: 'conflicting options: Nano CPUs and CPU Percent cannot both be set',
  cpusAndShares: 'conflicting options: Nano CPUs and CPU Shares cannot both be set',
  unknownRestartPolicy: (name: string) =>
    `invalid restart policy: unknown policy '${name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
  retriesOfOtherPolicy: (negative: boolean) =>
    `invalid restart policy: maximum retry count can only be used with 'on-failure'${negative ? ' and cannot be negative' : ''}`,
  negativeRetries: 'invalid restart policy: maximum retry count cannot be negative',
  removeAndRestart: "can't create 'AutoRemove' container with restart policy",
  optionsOfOtherMount: (options: string, type: string) =>
    `${options} must not be specified on mount type ${goQuote(type)}`,
  unknownMountType: (type: string) => `mount type unknown: ${goQuote(type)}`,
  unknownUsage: (type: string) => `unknown object type: ${type}`,
  sinceAfterUntil: (since: string, until: string) =>
    `\`since\` time (${since}) cannot be after \`until\` time (${until})`,
} as const;

/** Go's `%q`: double quotes, the special ones escaped. */
export function goQuote(value: string): string {
  return JSON.stringify(value);
}
