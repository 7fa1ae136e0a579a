import fc from "fast-check";
import { expect, test } from "vitest";
import type { DependencyLink } from "../../links/dependency-link.ts";
import { findCalls } from "../../links/find-calls.ts";
import { encodeSpans } from "../../model/encoded-spans.ts";
import type { Span } from "../../model/span.ts";
import { PERIOD_MS } from "./link-counts.ts";
import { MemoryStorage } from "./memory-storage.ts";

const start = 28_333_333 * PERIOD_MS;
const services = ["a", "b", "c"] as const;

/** Traces that stay in one period, reach over its end, come late, or have no time at all. */
const spanOf = fc.record({
  trace: fc.integer({ min: 1, max: 6 }),
  id: fc.integer({ min: 1, max: 4 }),
  parent: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  service: fc.constantFrom(...services),
  remote: fc.option(fc.constantFrom(...services), { nil: undefined }),
  kind: fc.constantFrom("CLIENT", "SERVER"),
  /** Quarters of a period. */
  at: fc.option(fc.integer({ min: 0, max: 16 }), { nil: undefined }),
  error: fc.boolean(),
});

type Step =
  | { readonly kind: "store"; readonly spans: readonly Span[] }
  | { readonly kind: "ask"; readonly from: number; readonly to: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.array(spanOf, { minLength: 1, maxLength: 5 }).map((drafts) => ({
      kind: "store" as const,
      spans: drafts.map(toSpan),
    })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: -2, max: 18 }), fc.integer({ min: 0, max: 20 }), fc.nat(1))
      .map(([first, length, odd]) => ({
        kind: "ask" as const,
        from: quarter(first) + odd,
        to: quarter(first + length),
      })),
  },
);

function quarter(n: number): number {
  return start + (n * PERIOD_MS) / 4;
}

function toSpan(draft: typeof spanOf extends fc.Arbitrary<infer T> ? T : never): Span {
  const { trace, id, parent, service, remote, kind, at, error } = draft;
  const hex = (n: number): string => n.toString(16).padStart(16, "0");
  return {
    traceId: hex(trace),
    ...(parent === undefined || parent === id ? {} : { parentId: hex(parent) }),
    id: hex(id),
    kind: kind as "CLIENT" | "SERVER",
    ...(at === undefined ? {} : { timestamp: quarter(at) * 1000 }),
    localEndpoint: { serviceName: service },
    ...(remote === undefined ? {} : { remoteEndpoint: { serviceName: remote } }),
    ...(error ? { tags: { error: "" } } : {}),
  };
}

test("whole periods count the same as their traces one by one", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.boolean(), async (steps, isSmall) => {
      const storage = new MemoryStorage({
        strictTraceId: true,
        searchEnabled: true,
        autocompleteKeys: [],
        maxSpans: isSmall ? 6 : 1000,
        maxBytes: 64 * 1024 * 1024,
        now: () => 0,
      });
      const everything: Step = { kind: "ask", from: 0, to: quarter(20) };
      for (const one of [...steps, everything, everything]) {
        if (one.kind === "store") storage.store(encodeSpans(one.spans));
        else {
          const asked = [one.to, one.to - one.from] as const;
          const answers = await Promise.all([
            storage.dependencies(...asked),
            storage.dependencies(...asked),
          ]);
          const expected = await oneByOne(storage, one.from, one.to);
          for (const answer of answers) expect(sorted(answer)).toEqual(expected);
        }
      }
      await storage.close();
    }),
    { numRuns: 400 },
  );
});

async function oneByOne(
  storage: MemoryStorage,
  from: number,
  to: number,
): Promise<readonly DependencyLink[]> {
  const links = new Map<string, DependencyLink>();
  for await (const spans of storage.tracesBetween(from, to)) {
    for (const { parent, child, isError } of findCalls(spans)) {
      const key = `${parent} ${child}`;
      const { callCount = 0, errorCount = 0 } = links.get(key) ?? {};
      const errors = errorCount + (isError ? 1 : 0);
      links.set(key, {
        parent,
        child,
        callCount: callCount + 1,
        ...(errors > 0 ? { errorCount: errors } : {}),
      });
    }
  }
  return sorted([...links.values()]);
}

function sorted(links: readonly DependencyLink[]): readonly DependencyLink[] {
  return links.toSorted((a, b) => `${a.parent} ${a.child}`.localeCompare(`${b.parent} ${b.child}`));
}
