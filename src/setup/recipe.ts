/**
 * What the runtime is made of. A part is made again when its recipe changes; the hash in its folder's name is of this data, so a
 * change of the code that builds a part needs a new `version` here.
 */
export const rootRecipe = {
  version: 7,
  suites: ['trixie', 'trixie-updates', 'trixie-security'],
  /**
   * Wine, and the libraries that it links or loads for a program without a screen. Named one by one instead of left to apt, which
   * would add 170 packages (codecs, cameras, X, printers): 1.1 GB and 36 s instead of 0.2 GB and 16 s.
   */
  packages: [
    'libwine',
    'wine64',
    'fonts-wine',
    'libz-mingw-w64',
    'libc6',
    'libc-bin',
    'libgcc-s1',
    'libunwind8',
    'liblzma5',
    'libfreetype6',
    'libpng16-16t64',
    'zlib1g',
    'libbrotli1',
    'libbz2-1.0',
    'libfontconfig1',
    'libexpat1',
    'libgnutls30t64',
    'libp11-kit0',
    'libidn2-0',
    'libunistring5',
    'libtasn1-6',
    'libnettle8t64',
    'libhogweed6t64',
    'libgmp10',
    'libffi8',
    'ca-certificates',
    'busybox-static',
  ],
  /**
   * Of Wine's 63 fonts those that a program without a screen may ask for, none of them a bitmap: the first program of each container that links
   * user32 (cmd.exe does) opens them all, three times, which was a quarter of its time.
   */
  fonts: [
    'courier.ttf',
    'fixedsys.ttf',
    'marlett.ttf',
    'ms_sans_serif.ttf',
    'small_fonts.ttf',
    'symbol.ttf',
    'system.ttf',
    'tahoma.ttf',
    'tahomabd.ttf',
    'webdings.ttf',
    'wingding.ttf',
  ],
  /** Never used by a program without a screen, or read by people only. */
  remove: [
    'usr/share/doc',
    'usr/share/man',
    'usr/share/info',
    'usr/share/bug',
    'usr/share/lintian',
    'usr/share/locale',
    'usr/share/ca-certificates',
    'usr/i686-w64-mingw32',
    'usr/x86_64-w64-mingw32',
    'usr/x86_64-w64-mingw32ucrt',
    'usr/lib/x86_64-linux-gnu/gconv',
  ],
  /**
   * Wine's 32-bit Windows libraries; the 64-bit Wine runs 32-bit programs with them and without a 32-bit Linux. By path and checksum: the list of
   * Debian's i386 packages is 9 MB, and not every mirror keeps it in step. Must be of the same version as `libwine`.
   */
  libraries32: {
    path: 'pool/main/w/wine/libwine_10.0~repack-6_i386.deb',
    sha256: 'fef4802a6553a17eaa40003333a86fc697440d1d21c5824f2dbd1c444f01527b',
  },
} as const;

export const kernelRecipe = {
  version: 2,
  suites: rootRecipe.suites,
  /** Not the cloud kernel: that one has no 9p, which brings the host's folders into a VM that was restored from a template. */
  package: 'linux-image-amd64',
  /** With all that they need. The network cards' comes last: it is loaded when all other devices have theirs. */
  modules: [
    // erofs and ext4 ask for it by its algorithm's name, which no module's list of needs has.
    'crc32c_generic',
    'virtio_mmio',
    'virtio_blk',
    'erofs',
    'overlay',
    'ext4',
    '9pnet_virtio',
    '9p',
    'virtio_net',
  ],
} as const;

export const prefixRecipe = {
  version: 6,
  /** Programs of Wine's that do nothing and say that all went well: better that there is none. Under `drive_c/windows`. */
  stubs: ['system32/WindowsPowerShell/v1.0/powershell.exe', 'syswow64/WindowsPowerShell/v1.0/powershell.exe'],
} as const;
