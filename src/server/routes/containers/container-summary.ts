import { type ContainerSummary, hasFeature, type MountPoint } from '../../../docker-api/index.js';
import type { ContainerView } from '../../../engine/index.js';
import { defaultNetwork, networksShape, portSummaries } from './container-networks.js';
import { statusText } from './container-state.js';

/** One line of `GET /containers/json`. */
export function containerSummary(view: ContainerView, version: string, now: number): ContainerSummary {
  const { settings } = view;
  const annotations =
    hasFeature(version, 'listAnnotations') && Object.keys(settings.annotations).length > 0
      ? { Annotations: settings.annotations }
      : {};
  const size = view.size ? { SizeRw: view.size.writable, SizeRootFs: view.size.root } : {};
  const health =
    view.health && hasFeature(version, 'listHealth')
      ? { Health: { Status: view.health.status, FailingStreak: view.health.failingStreak } }
      : {};
  return {
    Id: view.id,
    Names: [`/${view.name}`],
    Image: settings.image,
    ImageID: view.imageId,
    Command: commandText(view),
    Created: Math.floor(view.createdAt / 1000),
    Ports: portSummaries(view),
    ...size,
    Labels: view.effective.labels,
    State: view.state.status,
    Status: statusText(view, now),
    ...health,
    HostConfig: { NetworkMode: networkModeOf(view), ...annotations },
    NetworkSettings: { Networks: networksShape(view, version) },
    Mounts: mountPoints(view),
  };
}

/** `default` is rewritten, as Docker does at create. */
export function networkModeOf(view: ContainerView): string {
  return view.settings.networkMode === 'default' ? defaultNetwork : view.settings.networkMode;
}

export function mountPoints(view: ContainerView): MountPoint[] {
  return view.mounts.map((mount) => ({
    Type: mount.type,
    ...(mount.type === 'volume' ? { Name: mount.name } : {}),
    Source: mount.source,
    Destination: mount.target,
    ...(mount.type === 'volume' ? { Driver: mount.driver } : {}),
    Mode: mount.mode,
    RW: !mount.readOnly,
    Propagation: '',
  }));
}

function commandText(view: ContainerView): string {
  const { path, args } = view.effective;
  return [path, ...args.map((argument) => (argument.includes(' ') ? `'${argument}'` : argument))].join(' ');
}
