import type { VolumeOperations } from '../../../engine/index.js';

/** What the volume routes need of the engine. */
export type VolumeBackend = VolumeOperations;
