/** Texts that Docker's clients match on, word for word as moby has them. `%` takes the arguments in order. */
const texts = {
  noSuchContainer: 'No such container: %',
  noSuchExec: 'No such exec instance: %',
  noSuchVolume: 'get %: no such volume',
  noSuchFile: 'Could not find the file % in container %',
  ambiguous: 'multiple IDs found with provided prefix: %',
  nameInUse:
    'Conflict. The container name "/%" is already in use by container "%". You have to remove (or rename) that container to be able to reuse that name.',
  invalidName: 'Invalid container name (%), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed',
  renameEmpty: 'Neither old nor new names may be empty',
  renameSame: 'Renaming a container with the same name as its current name',
  noCommand: 'no command specified',
  notRunning: 'container % is not running',
  notRunningPrefix: 'Container % is not running',
  isPaused: 'Container % is paused',
  pauseNotRunning: 'Container % is not running',
  alreadyPaused: 'Container % is already paused',
  notPaused: 'Container % is not paused',
  startPaused: 'cannot start a paused container, try unpause instead',
  markedForRemoval: 'container is marked for removal and cannot be started',
  execPaused: 'Container % is paused, unpause the container before exec',
  execExited: 'Container % is not running',
  execRunning: 'Error: Exec command % is already running',
  execStopped: 'Error: Exec command % has already run',
  removeRunning:
    'cannot remove container "/%": container is running: stop the container before removing or force remove',
  removePaused: 'cannot remove container "/%": container is paused and must be unpaused first',
  killNotRunning: 'container % is not running',
  invalidSignal: 'Invalid signal: %',
  volumeInUse: 'remove %: volume is in use - [%]',
  volumeNameInvalid:
    '"%" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path',
  volumeNameShort: 'volume name is too short, names should be at least two alphanumeric characters',
  invalidVolumeSpecification: "invalid volume specification: '%'",
  volumesFromEmpty: 'volumes-from specification cannot be an empty string',
  invalidMode: 'invalid mode: %',
  destinationIsC: "invalid specification: destination path (%) cannot be 'c:' or 'c:\\'",
  duplicateMount: 'Duplicate mount point: %',
  bindSourceMissing: 'invalid mount config for type "bind": bind source path does not exist: %',
  mountSourceEmpty: 'invalid mount config for type "%": field Source must not be empty',
  mountTargetEmpty: 'invalid mount config for type "%": field Target must not be empty',
  mountTargetRelative: 'invalid mount config for type "%": invalid mount path: \'%\' mount path must be absolute',
  mountPropagation: 'invalid mount config for type "%": invalid propagation mode: %',
  mountTypeUnknown: 'invalid mount config for type "%": mount type unknown',
  invalidFilter: "invalid filter '%'",
  restartPolicyUnknown:
    "invalid restart policy: unknown policy '%'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
  restartPolicyCount: "invalid restart policy: maximum retry count can only be used with 'on-failure'",
  restartPolicyNegative: 'invalid restart policy: maximum retry count cannot be negative',
  autoRemoveAndRestart: "can't create 'AutoRemove' container with restart policy",
  autoRemoveUpdate: 'Restart policy cannot be updated because AutoRemove is enabled for the container',
  invalidEnv: 'invalid environment variable: %',
  workingDirRelative: "the working directory '%' is invalid, it needs to be an absolute path",
  logDriverUnknown: "logger: no log driver named '%' is registered",
  logDriverUnreadable: 'configured logging driver does not support reading',
  memoryTooSmall: 'Minimum memory limit allowed is 4MB',
  healthInterval: 'Interval in Healthcheck cannot be less than one millisecond',
  healthTimeout: 'Timeout in Healthcheck cannot be less than one millisecond',
  healthRetries: 'Retries in Healthcheck cannot be negative',
} as const;

export type DockerText = keyof typeof texts;

export function dockerText(key: DockerText, ...values: readonly string[]): string {
  let index = 0;
  return texts[key].replaceAll('%', () => values[index++] ?? '');
}
