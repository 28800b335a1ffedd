import { goTime, type VolumeShape } from '../../../docker-api/index.js';
import type { VolumeView } from '../../../engine/index.js';

export function volumeShape(view: VolumeView): VolumeShape {
  return {
    CreatedAt: goTime(view.createdAt),
    Driver: view.driver,
    Labels: Object.keys(view.labels).length > 0 ? view.labels : null,
    Mountpoint: view.mountpoint,
    Name: view.name,
    Options: Object.keys(view.options).length > 0 ? view.options : null,
    Scope: 'local',
  };
}
