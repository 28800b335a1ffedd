import { WindowboxError } from '../../errors/index.js';

/**
 * Where a submodule is: its `url`, which may be relative (`../lib.git`) to the address of the repository that has it, resolved as git does.
 *
 * @throws WindowboxError `invalid-argument` for what is no address over a network.
 */
export function submoduleUrl(parent: string, url: string): string {
  const resolved = isRelative(url) ? resolve(parent, url) : url;
  if (resolved !== undefined && isRemoteAddress(resolved)) return resolved;
  throw new WindowboxError('invalid-argument', `unable to prepare context: a submodule of "${parent}" is at "${url}"`, {
    hint: 'It may be http://…, https://…, git://…, ssh://…, git@… or relative to the repository, and is on no path of this machine.',
  });
}

/** Of the protocols that a context may have; nothing that git would take for an option or a program to run. */
export function isRemoteAddress(url: string): boolean {
  if (/[\s\p{Cc}]/u.test(url)) return false;
  return (
    /^(?:https?|git|ssh):\/\/(?:\w[^@/?#]*@)?(?:\w[\w.-]*|\[[\da-f:.]+\])(?::\d{1,5})?\/./iu.test(url) ||
    /^\w[\w.-]*@\w[\w.-]*:[^-]/u.test(url)
  );
}

function isRelative(url: string): boolean {
  return url.startsWith('./') || url.startsWith('../');
}

/** Each `../` takes the last part off, at a slash or at the colon of `git@host:path`; undefined beyond the host. */
function resolve(parent: string, url: string): string | undefined {
  const host = /^(?:\w+:\/\/[^/]*|[^/:]*)/u.exec(parent)?.[0] ?? '';
  let [base, rest, joint] = [parent.replace(/\/$/u, ''), url, '/'];
  for (;;)
    if (rest.startsWith('./')) rest = rest.slice(2);
    else if (rest.startsWith('../')) {
      rest = rest.slice(3);
      const cut = Math.max(base.lastIndexOf('/'), joint === '/' ? base.lastIndexOf(':') : -1);
      if (cut < host.length) return undefined;
      joint = base[cut] ?? '/';
      base = base.slice(0, cut);
    } else break;
  return `${base}${joint}${rest}`.replace(/\/$/u, '');
}
