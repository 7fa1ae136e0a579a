import { randomFillSync } from "node:crypto";

/** Where ids come from. */
export interface RandomIds {
  /** 64 random bits as 16 lower-case hex digits. */
  hex64(): string;
  /** 0 up to 2^32 - 1. */
  uint32(): number;
  /** A version 4 UUID. */
  uuid(): string;
}

/** One call to the kernel's generator per 512 ids. */
const poolBytes = 4096;

/** Ids from the cryptographic generator, drawn in bulk: a call per id would cost more than the rest of a span. */
export function createRandomIds(fill: (buffer: Buffer) => void = randomFillSync): RandomIds {
  const pool = Buffer.allocUnsafeSlow(poolBytes);
  let next = poolBytes;

  function take(bytes: number): number {
    if (next + bytes > poolBytes) {
      fill(pool);
      next = 0;
    }
    const offset = next;
    next += bytes;
    return offset;
  }

  return {
    hex64() {
      const at = take(8);
      return pool.toString("hex", at, at + 8);
    },
    uint32() {
      return pool.readUInt32LE(take(4));
    },
    uuid() {
      const at = take(16);
      // RFC 9562: version 4 in the high half of byte 6, variant 10 in the two high bits of byte 8.
      pool[at + 6] = ((pool[at + 6] as number) & 0x0f) | 0x40;
      pool[at + 8] = ((pool[at + 8] as number) & 0x3f) | 0x80;
      const hex = pool.toString("hex", at, at + 16);
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
    },
  };
}
