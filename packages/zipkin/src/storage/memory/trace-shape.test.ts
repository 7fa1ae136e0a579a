import fc from "fast-check";
import { expect, test } from "vitest";
import type { DependencyLink } from "../../links/dependency-link.ts";
import { sumCalls } from "../../links/dependency-link.ts";
import { findCalls } from "../../links/find-calls.ts";
import { encodeSpans } from "../../model/encoded-spans.ts";
import type { Span } from "../../model/span.ts";
import { MemoryStorage } from "./memory-storage.ts";

const start = 1_700_000_000_000;
const hex = (n: number): string => n.toString(16).padStart(16, "0");

/** Few values for each field, so that traces are alike and differ in one thing. */
const draft = fc.record({
  id: fc.integer({ min: 1, max: 3 }),
  parent: fc.integer({ min: 0, max: 3 }),
  kind: fc.constantFrom(undefined, "CLIENT" as const, "SERVER" as const),
  service: fc.constantFrom("a", "b"),
  port: fc.constantFrom(undefined, 80),
  remote: fc.constantFrom(undefined, "a", "b"),
  shared: fc.boolean(),
  error: fc.boolean(),
});

type Draft = typeof draft extends fc.Arbitrary<infer T> ? T : never;

/** Ids differ from trace to trace, and so does their order; only how they relate does not. */
function toTrace(drafts: readonly Draft[], trace: number): readonly Span[] {
  const idOf = (n: number): string => hex(trace * 8 + (trace % 2 === 0 ? n : 4 - n));
  return drafts.map(({ id, parent, kind, service, port, remote, shared, error }) => ({
    traceId: trace % 3 === 0 ? hex(7) + hex(trace + 1) : hex(trace + 1),
    ...(parent === 0 || parent === id ? {} : { parentId: idOf(parent) }),
    id: idOf(id),
    ...(kind === undefined ? {} : { kind }),
    timestamp: (start + trace) * 1000,
    localEndpoint: { serviceName: service, ...(port === undefined ? {} : { port }) },
    ...(remote === undefined ? {} : { remoteEndpoint: { serviceName: remote } }),
    ...(error ? { tags: { error: "" } } : {}),
    ...(shared && kind !== "CLIENT" ? { shared: true as const } : {}),
  }));
}

/** A trace, and others that differ from it in one span. */
const alike = fc
  .tuple(
    fc.array(draft, { minLength: 2, maxLength: 4 }),
    fc.array(fc.tuple(fc.nat(3), draft, fc.constantFrom(...fields())), { maxLength: 20 }),
  )
  .map(([first, changes]) => [
    first,
    ...changes.map(([at, other, field]) =>
      first.map((span, i) => (i === at ? { ...span, [field]: other[field] } : span)),
    ),
  ]);

function fields(): readonly (keyof Draft)[] {
  return ["id", "parent", "kind", "service", "port", "remote", "shared", "error"];
}

function open(maxSpans: number): MemoryStorage {
  return new MemoryStorage({
    strictTraceId: true,
    searchEnabled: true,
    autocompleteKeys: [],
    maxSpans,
    maxBytes: 64 * 1024 * 1024,
    now: () => 0,
  });
}

function sorted(links: readonly DependencyLink[]): readonly DependencyLink[] {
  return links.toSorted((a, b) => `${a.parent} ${a.child}`.localeCompare(`${b.parent} ${b.child}`));
}

test("traces of one shape have the links that each would have by itself", async () => {
  await fc.assert(
    fc.asyncProperty(alike, async (drafts) => {
      const traces = drafts.map(toTrace);
      const storage = open(1000);
      storage.store(encodeSpans(traces.flat()));
      const expected = sumCalls(traces.flatMap(findCalls));
      expect(sorted(await storage.dependencies(start + 1000, 2000))).toEqual(sorted(expected));
      await storage.close();
    }),
    { numRuns: 1000 },
  );
});

test("a shape says nothing more once its services are gone", async () => {
  const storage = open(2);
  for (let i = 0; i < 40; i++) {
    const [parent, child] = [`caller ${i}`, `called ${i % 7}`];
    const client = {
      id: hex(1),
      kind: "CLIENT",
      timestamp: (start + i) * 1000,
      localEndpoint: { serviceName: parent },
      remoteEndpoint: { serviceName: child },
    } as const;
    storage.store(encodeSpans([{ traceId: hex(i + 1), ...client }]));
    const links = await storage.dependencies(start + i, 0);
    expect(links).toEqual([{ parent, child, callCount: 1 }]);
  }
  await storage.close();
});
