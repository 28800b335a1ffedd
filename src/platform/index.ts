export { atomicWrite, syncFolder } from './atomic-write.js';
export { type Database, type DatabaseRow, type DatabaseValue, openDatabase, readNumber, readText } from './database.js';
export { folderSize } from './folder-size.js';
export { syncFileSystem, syncFileSystemNow } from './sync-file-system.js';
export { createDeferred, type Deferred } from './deferred.js';
export { readableStack } from './readable-stack.js';
export { createMutex, type Mutex } from './mutex.js';
export { type HeldProgram, type HoldOptions, holdProgram } from './hold-program.js';
export { configurationPath, type Paths, resolvePaths } from './paths.js';
export { type RunOptions, type RunResult, runCommand, tryCommand } from './run-command.js';
export { createFileHash, type FileHash } from './file-hash.js';
export { type FileThread, startFileThread } from './file-thread.js';
export { lockFile } from './lock-file.js';
export { type KvmProbe, type KvmVerdict, probeKvm } from './probe-kvm.js';
export { describeFullDisk, englishEnvironment, type FullDisk, isDiskFull } from './full-disk.js';
export { bridgeMark, findGoneOwners, type GoneOwner, networkDatabase, networkOwner } from './network-owners.js';
export { findRepository } from './repository.js';
export {
  containerOwner,
  readRuntimeParts,
  type RuntimeManifest,
  runtimeManifestName,
  type RuntimeParts,
} from './runtime-parts.js';
export { runInForeground } from './run-in-foreground.js';
export { type DetachedOptions, type DetachedProgram, startDetached } from './start-detached.js';
export { type LeavingOptions, runLeavingChild } from './run-leaving-child.js';
export { createTarParser, type TarEvent, type TarLimits, type TarParser } from './parse-tar.js';
export { readTar, type TarEntry } from './read-tar.js';
export { readUmask } from './read-umask.js';
export { parsePaxTime, type TarEntryType, type TarHeader } from './tar-fields.js';
export { paxTime, tarEnd, tarHeader, type TarHeaderFields, tarPadding } from './write-tar.js';
export { filterThrough } from './filter-stream.js';
export { throughZlib } from './through-zlib.js';
export { type Packing, packingOf, unpackAny } from './unpack-any.js';
export { type LayerPacking, unpackLayerBytes } from './unpack-layer-bytes.js';
