import type { Say } from './messages.js';

/** One speaker among several that work at the same time and are heard one after the other. */
export interface Lane {
  readonly say: Say;
  /** Nothing more comes: the next lane is heard. */
  end(): void;
  /** Brings out what still waits, out of turn: this one failed, and the others are of no account. */
  flush(): void;
}

/** The first lane is heard at once, each other one when all before it have ended. What waits is bounded: its beginning goes first. */
export function orderedLanes(say: Say, count: number): readonly Lane[] {
  const lanes = Array.from({ length: count }, () => ({
    ended: false,
    waiting: [] as string[],
    length: 0,
    lost: false,
  }));
  let heard = 0;
  const release = (index: number): void => {
    const lane = lanes[index];
    if (!lane) return;
    if (lane.lost) say({ stream: '[output clipped: only its end was kept]\n' });
    for (const stream of lane.waiting.splice(0)) say({ stream });
    lane.lost = false;
    lane.length = 0;
  };
  const advance = (): void => {
    while (lanes[heard]?.ended === true) {
      heard += 1;
      release(heard);
    }
  };
  return lanes.map((lane, index) => ({
    say: (message) => {
      if (index <= heard || !('stream' in message)) {
        say(message);
        return;
      }
      lane.waiting.push(message.stream);
      lane.length += message.stream.length;
      while (lane.length > mostWaiting && lane.waiting.length > 1) {
        lane.length -= lane.waiting.shift()?.length ?? 0;
        lane.lost = true;
      }
    },
    end: () => {
      lane.ended = true;
      advance();
    },
    flush: () => {
      if (index > heard) release(index);
    },
  }));
}

/** Characters. */
const mostWaiting = 1 << 20;
