import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Opens the store, mounts an image, tells where, and waits to be killed. */
const holder = `
  const { openImageStore } = await import(process.argv[1]);
  const [, , store, base] = process.argv;
  const images = await openImageStore({
    folder: store,
    bases: { find: () => ({ product: 'nanoserver', osVersion: '10.0.20348.1' }), ensure: async () => ({ lower: [base] }) },
    choose: () => 0,
  });
  const { id } = await images.resolve('mcr.microsoft.com/windows/nanoserver:x');
  console.log((await images.mount(id)).path);
  setInterval(() => {}, 1000);
`;

/** Has another process mount an image of a store, and kills it. Answers where the mount is. */
export async function dieWithMount(store: string, base: string): Promise<string> {
  const module = new URL('../../src/images/index.js', import.meta.url).href;
  const child = spawn(process.execPath, ['--input-type=module', '-e', holder, module, store, base], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  for await (const chunk of child.stdout) {
    said += String(chunk);
    if (said.endsWith('\n')) break;
  }
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
  return said.trim();
}
