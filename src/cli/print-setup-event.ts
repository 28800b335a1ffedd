import type { Report } from '../setup/index.js';

/** Prints the progress of a set-up to stderr: a line a step, rewritten in place on a terminal; or to stdout as JSON, a line an event. */
export function printSetupEvent(format: 'text' | 'json'): Report {
  if (format === 'json')
    return (event) => {
      process.stdout.write(`${JSON.stringify(event)}\n`);
    };
  const live = process.stderr.isTTY;
  let title = '';
  return (event) => {
    switch (event.type) {
      case 'waiting':
        process.stderr.write(`Waiting for another set-up (process ${String(event.holder)})\n`);
        break;
      case 'removed':
        process.stderr.write(`removed ${event.name}\n`);
        break;
      case 'step':
        title = event.title;
        if (live) process.stderr.write(`   ${title}`);
        break;
      case 'detail':
        if (live) process.stderr.write(`\r\u001B[K   ${title}: ${event.text}`);
        break;
      case 'done': {
        const time = event.cached ? 'there already' : `${(event.milliseconds / 1000).toFixed(1)} s`;
        process.stderr.write(`${live ? '\r\u001B[K' : ''}${live ? '✓' : 'ok'} ${title} (${time})\n`);
        break;
      }
    }
  };
}
