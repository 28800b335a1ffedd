import assert from 'node:assert/strict';
import { lookup } from 'node:dns/promises';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { WindowboxError } from '../../src/errors/index.js';
import { type BaseSource, type ImageStore, openImageStore, type RegistrySettings } from '../../src/images/index.js';
import { runCommand } from '../../src/platform/index.js';
import { serveImage } from '../helpers/serve-image.js';
import { noRegistry, startRegistry } from '../helpers/start-registry.js';
import { makeImage } from '../helpers/windows-image.js';

const folder = mkdtempSync(join(tmpdir(), 'windowbox-access-'));
const base = join(folder, 'base');
mkdirSync(join(base, 'drive_c/windows'), { recursive: true });
const image = makeImage({ 'app.exe': 'MZ' }, { hasBase: false });
/** Where the image comes from. */
const origin = await serveImage(image);
after(async () => {
  await origin.stop();
  rmSync(folder, { recursive: true });
});

const bases: BaseSource = { find: () => undefined, ensure: async () => ({ lower: [base] }) };

/** A CA, and a certificate of it for a host, as openssl makes them. */
async function makeCertificates(host: string): Promise<{ ca: string; certificate: string; key: string }> {
  const place = mkdtempSync(join(folder, 'pki-'));
  const path = (name: string): string => join(place, name);
  const openssl = async (...args: readonly string[]): Promise<unknown> =>
    runCommand('openssl', args, { cwd: place, timeoutMs: 20_000 });
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl('req', '-x509', ...ec, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', '/CN=test CA');
  await openssl('req', ...ec, '-keyout', 'key.pem', '-out', 'request', '-subj', '/CN=registry');
  writeFileSync(path('extensions'), `subjectAltName=DNS:${host}\n`);
  const signing = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'extensions'];
  await openssl('x509', '-req', '-in', 'request', '-out', 'certificate.pem', ...signing);
  return { ca: path('ca.crt'), certificate: path('certificate.pem'), key: path('key.pem') };
}

/** A name of this machine that is not one of those with which anything is allowed. */
const name = hostname().toLowerCase();
const isKnown = await lookup(name, 4).then(
  () => true,
  () => false,
);
const skip = noRegistry === false && !isKnown ? `"${name}" has no address here` : noRegistry;

/** Pushes an image there, and pulls it into another store. */
async function goesThere(image: string, registries: RegistrySettings): Promise<void> {
  const store = await openStore(registries);
  const other = await openStore(registries);
  try {
    await store.tag(await store.pull(`${origin.host}/app:1`), image);
    await store.push(image);
    const [layer = ''] = await other.layersOf(await other.pull(image));
    assert.equal(readFileSync(join(layer, 'drive_c/app.exe'), 'utf8'), 'MZ');
  } finally {
    for (const open of [store, other]) open.close();
  }
}

async function refusalOf(image: string, registries: RegistrySettings): Promise<WindowboxError> {
  const store = await openStore(registries);
  try {
    await store.pull(image);
  } catch (error) {
    if (error instanceof WindowboxError) return error;
    throw error;
  } finally {
    store.close();
  }
  return assert.fail('it was pulled');
}

test(
  'a registry with a CA of its own is trusted by its folder, or when it is named insecure, and not else',
  { skip },
  async () => {
    const { ca, certificate, key } = await makeCertificates(name);
    const registry = await startRegistry({ address: name, tls: { certificate, key } });
    try {
      const image = `${registry.host}/app:1`;
      const error = await refusalOf(image, {});
      assert.equal(error.code, 'unavailable');
      assert.match(
        error.message,
        /^Get "https:\/\/[^"]+\/v2\/": tls: failed to verify certificate: x509: certificate signed by unknown authority$/u,
      );
      assert.match(error.hint ?? '', new RegExp(`"/etc/docker/certs.d/${registry.host}/ca.crt"`, 'u'));
      const certs = mkdtempSync(join(folder, 'certs-'));
      mkdirSync(join(certs, registry.host));
      copyFileSync(ca, join(certs, registry.host, 'company.crt'));
      await goesThere(image, { certificateFolders: [certs] });
      await goesThere(image, { insecureRegistries: [registry.host] });
      writeFileSync(join(certs, registry.host, 'client.cert'), 'x');
      assert.match((await refusalOf(image, { certificateFolders: [certs] })).message, /^missing key client\.key for/u);
    } finally {
      await registry.stop();
    }
  },
);

test(
  'a registry without TLS is spoken to only when it is named insecure, and told as Docker does',
  { skip },
  async () => {
    const registry = await startRegistry({ address: name });
    try {
      const image = `${registry.host}/app:1`;
      const error = await refusalOf(image, {});
      assert.equal(
        error.message,
        `Get "https://${registry.host}/v2/": http: server gave HTTP response to HTTPS client`,
      );
      assert.match(error.hint ?? '', /"insecure-registries"/u);
      await goesThere(image, { insecureRegistries: [name] });
    } finally {
      await registry.stop();
    }
  },
);

test('a mirror is asked first, gets no login, and what it lacks comes from the registry itself', { skip }, async () => {
  const mirror = await startRegistry();
  const seen: (string | undefined)[] = [];
  const locked = await serveImage(image, (request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(401, { 'www-authenticate': 'Basic realm="mirror"' });
    response.end();
    return true;
  });
  try {
    await goesThere(`${mirror.host}/library/app:1`, {});
    const store = await openStore({ mirrors: [`http://${locked.host}`, `http://${mirror.host}`] });
    const credentials = { username: 'user', password: 'secret', identityToken: '', registryToken: '' };
    const id = await store.pull('app:1', { credentials });
    assert.deepEqual((await store.inspect(id)).names, ['app:1']);
    assert.ok(seen.length > 0 && seen.every((header) => header === undefined));
    store.close();
  } finally {
    await mirror.stop();
    await locked.stop();
  }
});

async function openStore(registries: RegistrySettings): Promise<ImageStore> {
  return openImageStore({
    folder: mkdtempSync(join(folder, 'store-')),
    bases,
    choose: () => 0,
    registries: { certificateFolders: [], ...registries },
  });
}
