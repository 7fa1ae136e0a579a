import { expect, test } from "vitest";
import { encodeSpans } from "../../model/encoded-spans.ts";
import type { Span } from "../../model/span.ts";
import { spansOf, testStorage } from "../storage-contract.ts";
import { MemoryStorage } from "./memory-storage.ts";

const create = (options: Partial<ConstructorParameters<typeof MemoryStorage>[0]>): MemoryStorage =>
  new MemoryStorage({
    strictTraceId: true,
    searchEnabled: true,
    autocompleteKeys: [],
    maxSpans: 1_000_000,
    maxBytes: 64 * 1024 * 1024,
    now: () => 0,
    ...options,
  });

testStorage("MemoryStorage", create);

test("the byte bound evicts, whatever the number of spans", async () => {
  const maxBytes = 8 * 1024 * 1024;
  const storage = create({ maxBytes });
  for (let i = 1; i <= 400; i++) storage.store(encodeSpans([bigSpan(i, 100_000)]));
  const usage = storage.usage();
  expect(usage.bytes).toBeLessThanOrEqual(maxBytes);
  expect(usage.spans).toBeGreaterThan(50);
  expect(usage.evictedSpans + usage.spans).toBe(400);
  expect(spansOf(storage, traceId(400))).toHaveLength(1);
  await storage.close();
});

test("a span larger than a slab is kept and given back", async () => {
  const storage = create({});
  const span = bigSpan(1, 3_000_000);
  storage.store(encodeSpans([span]));
  expect(spansOf(storage, span.traceId)).toEqual([span]);
  await storage.close();
});

test("spans survive being moved together after eviction left holes", async () => {
  const storage = create({ maxSpans: 1000 });
  // Old traces between young ones: eviction leaves holes in every slab.
  for (let i = 1; i <= 3000; i++) {
    const age = i % 3 === 0 ? 10_000_000 : 0;
    storage.store(
      encodeSpans([{ ...bigSpan(i, 20_000), timestamp: 1_700_000_000_000_000 + age + i }]),
    );
  }
  for (let i = 3; i <= 3000; i += 3) {
    expect(spansOf(storage, traceId(i)).map(({ tags }) => tags?.["t"]?.length)).toEqual([20_000]);
  }
  expect(storage.usage()).toMatchObject({ spans: 1000, evictedSpans: 2000 });
  await storage.close();
});

function traceId(i: number): string {
  return i.toString(16).padStart(16, "0");
}

function bigSpan(i: number, size: number): Span {
  return {
    traceId: traceId(i),
    id: traceId(i),
    timestamp: 1_700_000_000_000_000 + i,
    localEndpoint: { serviceName: "svc" },
    tags: { t: "x".repeat(size) },
  };
}
