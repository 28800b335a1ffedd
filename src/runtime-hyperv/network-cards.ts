import { WindowboxError } from '../errors/index.js';

/**
 * How many networks a container can be in at once: CARDS of guest/vm/vm.h. The machine has them all from its template on, for it takes no
 * new devices while it runs.
 */
export const cardCount = 8;

/** QEMU's end of each card's wire, in the container's network namespace. */
export const tapNames: readonly string[] = Array.from({ length: cardCount }, (_, index) => `vm${String(index)}`);

/** What a card answers to before the guest gives it its endpoint's address: the guest tells the cards apart by it. */
export function hardwareOf(index: number): string {
  return `52:54:00:00:00:0${String(index)}`;
}

/** A card as the guest sets it up: `eth<index>`, as the interface in the container's namespace that it stands for. */
export interface NetworkCard {
  readonly index: number;
  readonly hardware: string;
  /** `A.B.C.D/N` */
  readonly address: string;
  readonly address6?: string | undefined;
  readonly mtu: number;
}

/** The way to the world: through which card, and to which address. */
export interface CardGateway {
  readonly card: number;
  readonly address: string;
}

export interface VmNetwork {
  readonly cards: readonly NetworkCard[];
  readonly gateway?: CardGateway | undefined;
  readonly gateway6?: CardGateway | undefined;
}

/** @throws WindowboxError `unsupported` when the machine has no such card. */
export function cardOf(interfaceName: string): number {
  const index = Number(/^eth(\d{1,3})$/u.exec(interfaceName)?.[1] ?? cardCount);
  if (index < cardCount) return index;
  throw new WindowboxError(
    'unsupported',
    `Cannot connect the VM to "${interfaceName}": it has ${String(cardCount)} network cards`,
    { hint: 'Use fewer networks, or --isolation=process.' },
  );
}
