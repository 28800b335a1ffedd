/** Windowbox' own version: client and daemon are one release. A test holds it to package.json. */
export const clientVersion = '0.1.0';
