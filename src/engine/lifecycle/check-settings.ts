import { WindowboxError } from '../../errors/index.js';
import { dockerText } from '../docker-texts.js';
import { parseSignal } from '../process/parse-signal.js';
import type { ContainerSettings, Healthcheck, RestartPolicy } from '../types.js';

/**
 * Checks what does not need anything else of the engine. Answers Docker's warnings.
 *
 * @throws WindowboxError `invalid-argument` with Docker's text.
 */
export function checkSettings(settings: ContainerSettings): string[] {
  const bad = settings.env.find((entry) => entry === '' || entry.startsWith('='));
  if (bad !== undefined) throw invalid(dockerText('invalidEnv', bad));
  if (settings.workingDir !== '' && !/^([a-zA-Z]:)?[\\/]/u.test(settings.workingDir))
    throw invalid(dockerText('workingDirRelative', settings.workingDir));
  if (settings.stopSignal !== '') parseSignal(settings.stopSignal);
  checkRestartPolicy(settings.restartPolicy);
  if (settings.autoRemove && settings.restartPolicy.name !== 'no') throw invalid(dockerText('autoRemoveAndRestart'));
  checkHealthcheck(settings.healthcheck);
  const { driver } = settings.logging;
  if (!['', 'json-file', 'local', 'none'].includes(driver)) throw invalid(dockerText('logDriverUnknown', driver));
  return checkResources(settings);
}

export function checkRestartPolicy(policy: RestartPolicy): void {
  if (!['no', 'always', 'unless-stopped', 'on-failure'].includes(policy.name))
    throw invalid(dockerText('restartPolicyUnknown', policy.name));
  if (policy.maximumRetryCount < 0) throw invalid(dockerText('restartPolicyNegative'));
  if (policy.maximumRetryCount > 0 && policy.name !== 'on-failure') throw invalid(dockerText('restartPolicyCount'));
}

function checkHealthcheck(healthcheck: Healthcheck | undefined): void {
  if (healthcheck === undefined) return;
  const millisecond = 1_000_000;
  if (healthcheck.interval !== 0 && healthcheck.interval < millisecond) throw invalid(dockerText('healthInterval'));
  if (healthcheck.timeout !== 0 && healthcheck.timeout < millisecond) throw invalid(dockerText('healthTimeout'));
  if (healthcheck.retries < 0) throw invalid(dockerText('healthRetries'));
}

/** Source of the priorities: moby daemon_windows.go, verifyPlatformContainerResources. */
function checkResources(settings: ContainerSettings): string[] {
  const { resources } = settings;
  const warnings: string[] = [];
  if (resources.memory !== 0 && resources.memory < 4 * 1024 * 1024) throw invalid(dockerText('memoryTooSmall'));
  if (resources.nanoCpus < 0) throw invalid('range of CPUs is from 0.01 to the number of processors of this host');
  if (resources.cpuPercent < 0 || resources.cpuPercent > 100) throw invalid('Range of CPU percent is from 1 to 100');
  if (resources.cpuCount < 0) throw invalid('CPU count cannot be negative');
  if (resources.nanoCpus > 0 && resources.cpuCount > 0)
    throw invalid('conflicting options: Nano CPUs and CPU Count cannot both be set');
  if (resources.nanoCpus > 0 && resources.cpuPercent > 0)
    throw invalid('conflicting options: Nano CPUs and CPU Percent cannot both be set');
  if (resources.cpuCount > 0 && resources.cpuShares > 0)
    warnings.push(
      'Conflicting options: CPU count takes priority over CPU shares on Windows Server Containers. CPU shares discarded',
    );
  if (resources.cpuCount > 0 && resources.cpuPercent > 0)
    warnings.push(
      'Conflicting options: CPU count takes priority over CPU percent on Windows Server Containers. CPU percent discarded',
    );
  return warnings;
}

function invalid(text: string): WindowboxError {
  return new WindowboxError('invalid-argument', text);
}
