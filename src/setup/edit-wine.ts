import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A few bytes of one of Wine's files, written over with as many others. Docs: docs/decisions/0012. */
export interface WineEdit {
  /** Below Wine's folder of libraries. */
  readonly file: string;
  readonly what: string;
  readonly from: Buffer;
  readonly to: Buffer;
}

const versionKey = '\\Registry\\Machine\\Software\\Microsoft\\Windows NT\\CurrentVersion\\';

/** The first two are in the way of every process or thread that starts, the last one of Go's programs; Wine has no setting for any. */
export const wineEdits: readonly WineEdit[] = [
  {
    file: 'x86_64-unix/ntdll.so',
    // Wine goes through all zones of the registry, by name, until one has the rules of the system's: 600 questions to its server in each process, and
    // "Greenwich Standard Time" for what Windows calls "UTC". It is led to a key with one zone, which guest/base.reg fills; programs see all as before.
    what: 'where the zone of the local time is looked for',
    from: Buffer.from(`${versionKey}Time Zones\0`, 'utf16le'),
    to: Buffer.from(`${versionKey}Local Zone\0`, 'utf16le'),
  },
  {
    file: 'x86_64-windows/ntdll.dll',
    // A thread's first act is to write 0xf0000 bytes of zeros to its stack, which the kernel gave it as zeros: 1 MB of memory and 240 page faults a thread.
    // and rcx,~0xfff; lea rdi,[rcx-0xf0000]; mov rsp,rdi becomes the same with 0x2000.
    what: 'how much of its stack a new thread clears',
    from: Buffer.from('4881e100f0ffff488db90000f1ff4889fc', 'hex'),
    to: Buffer.from('4881e100f0ffff488db900e0ffff4889fc', 'hex'),
  },
  {
    file: 'x86_64-windows/iphlpapi.dll',
    // GetAdaptersAddresses with GAA_FLAG_INCLUDE_PREFIX, as Go's net.Interfaces calls it, gives up with ERROR_INVALID_DATA at a route of length 0, which
    // Linux always has for the loopback in IPv6. test r14d,r14d; je <give up> becomes the same with six bytes of nothing.
    what: 'whether the addresses of adapters may have a route of length 0 beside them',
    from: Buffer.from('4585f60f84a0030000c70028000000', 'hex'),
    to: Buffer.from('4585f6660f1f440000c70028000000', 'hex'),
  },
];

/**
 * Makes the edits in Wine's folder. A Wine that has other bytes there is left as it is.
 *
 * @returns those that were not made.
 */
export async function editWine(wine: string, edits: readonly WineEdit[] = wineEdits): Promise<readonly WineEdit[]> {
  const left: WineEdit[] = [];
  for (const edit of edits) if (!(await makeEdit(join(wine, edit.file), edit))) left.push(edit);
  return left;
}

async function makeEdit(path: string, { from, to }: WineEdit): Promise<boolean> {
  const content = await readFile(path);
  const at = content.indexOf(from);
  if (at < 0 || content.includes(from, at + 1)) return false;
  to.copy(content, at);
  await writeFile(path, content);
  return true;
}
