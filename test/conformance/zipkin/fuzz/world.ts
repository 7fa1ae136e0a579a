/**
 * Each run of the fuzz has a world of its own on servers that live on: ids, names and times that no other run uses.
 * Generated texts hold marks in their place: `~w` the world (8 hex digits), `~u123~` and `~m123~` a time
 * so many micro- or milliseconds into the world's minute.
 */
export interface World {
  /** 8 lower-case hex digits. */
  readonly name: string;
  /** Milliseconds since the epoch: where the world's minute begins. */
  readonly startMs: number;
}

const MINUTE_MS = 60_000;
/** Milliseconds: far enough back for a thousand worlds before now. */
const FIRST_WORLD_AGO_MS = 23 * 60 * MINUTE_MS;

export function createWorlds(nowMs: number): () => World {
  const first = Math.floor((nowMs - FIRST_WORLD_AGO_MS) / MINUTE_MS) * MINUTE_MS;
  let number = 0;
  return () => {
    number++;
    return {
      name: (0xa0000000 + number).toString(16),
      startMs: first + number * MINUTE_MS,
    };
  };
}

export function resolve(text: string, world: World): string {
  return text
    .replaceAll("~w", world.name)
    .replace(/~u(-?\d+)~/g, (_, us: string) => String(world.startMs * 1000 + Number(us)))
    .replace(/~m(-?\d+)~/g, (_, ms: string) => String(world.startMs + Number(ms)));
}
