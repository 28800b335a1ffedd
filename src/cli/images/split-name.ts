/** `registry:5000/app:1` to `registry:5000/app` and `1`; the tag is undefined where there is none. */
export function splitName(reference: string): { readonly repository: string; readonly tag: string | undefined } {
  const colon = reference.lastIndexOf(':');
  if (colon <= reference.lastIndexOf('/')) return { repository: reference, tag: undefined };
  return { repository: reference.slice(0, colon), tag: reference.slice(colon + 1) };
}

/** An image's name as part of a path: its slashes stay. */
export function imagePath(name: string, act: string): string {
  return `/images/${name.split('/').map(encodeURIComponent).join('/')}${act === '' ? '' : `/${act}`}`;
}
