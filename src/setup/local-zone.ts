import { readFile, writeFile } from 'node:fs/promises';

/**
 * Has Wine look for the zone of the local time below a key that holds one zone alone.
 *
 * Every Windows process asks for it as it starts, and Wine goes through all zones of the registry, by name, until one has the rules of the
 * system's: 600 questions to its server, a fifth of the start of `cmd /c ver`, and "Greenwich Standard Time" for what Windows calls "UTC". The path of the key is
 * data in Wine's ntdll.so; it is written over with one of the same length, which guest/base.reg fills. Programs see all zones as before.
 *
 * A Wine that keeps the path in another way is left as it is, and is only slower.
 *
 * @returns whether the path was there.
 */
export async function leadToLocalZone(ntdll: string): Promise<boolean> {
  const content = await readFile(ntdll);
  const at = content.indexOf(allZones);
  if (at < 0 || content.includes(allZones, at + 1)) return false;
  localZone.copy(content, at);
  await writeFile(ntdll, content);
  return true;
}

const folder = '\\Registry\\Machine\\Software\\Microsoft\\Windows NT\\CurrentVersion\\';
const allZones = Buffer.from(`${folder}Time Zones\0`, 'utf16le');
const localZone = Buffer.from(`${folder}Local Zone\0`, 'utf16le');
