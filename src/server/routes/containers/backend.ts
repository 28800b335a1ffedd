import type { ContainerOperations } from '../../../engine/index.js';

/** What the container routes need of the engine. */
export type ContainerBackend = ContainerOperations;
