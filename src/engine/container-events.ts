import type { Container } from './container.js';
import type { EngineContext } from './context.js';

/** Publishes an event of a container with the attributes that Docker gives: image, name, labels, and those of the action. */
export function publishContainerEvent(
  context: EngineContext,
  container: Container,
  event: { readonly action: string; readonly attributes?: Readonly<Record<string, string>> },
): void {
  const { record } = container;
  context.events.publish({
    type: 'container',
    action: event.action,
    actor: record.id,
    attributes: { ...record.effective.labels, image: record.settings.image, name: record.name, ...event.attributes },
  });
}
