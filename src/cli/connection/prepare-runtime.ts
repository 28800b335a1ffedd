import { resolvePaths } from '../../platform/index.js';
import { ensureRuntime, type Report, type SetupEvent } from '../../setup/index.js';
import { printSetupEvent } from '../print-setup-event.js';

/** Runs set-up where this machine has no runtime of this version yet, its progress on standard error. Says nothing where it has. */
export async function prepareRuntime(): Promise<void> {
  await ensureRuntime(resolvePaths(), { rebuild: false, report: onlyWork(printSetupEvent('text')) });
}

/** Leaves out the steps that turn out to be done already, which they do at once. */
function onlyWork(report: Report): Report {
  let held: { readonly event: SetupEvent; readonly timer: NodeJS.Timeout } | undefined;
  const release = (): void => {
    if (held === undefined) return;
    clearTimeout(held.timer);
    report(held.event);
    held = undefined;
  };
  return (event) => {
    if (event.type === 'step') {
      held = { event, timer: setTimeout(release, heldMs) };
      return;
    }
    if (event.type === 'done' && event.cached && held !== undefined) {
      clearTimeout(held.timer);
      held = undefined;
      return;
    }
    release();
    report(event);
  };
}

const heldMs = 1000;
