/** Three recordings of real Envoy breaking a trace, and the right thing that ours does instead. See packages/envoy/RATIONALE.md. */
import { expect, test } from "vitest";
import { ourProxy } from "./proxies.ts";
import { normalise } from "./rig/normalise.ts";
import { createPortAllocator } from "./rig/ports.ts";
import { type DecodedSpan, loadCases, type RecordedCase } from "./rig/recorded-case.ts";
import { runCase } from "./rig/run-case.ts";

const ports = createPortAllocator(Number(process.env["VITEST_POOL_ID"] ?? 0) + 3);
const quirks = new Map(
  loadCases(new URL("./quirks/", import.meta.url)).map((one) => [one.definition.name, one]),
);

test.each(["z09-proto", "z39-proto-with-parent"])(
  "%s: HTTP_PROTO reports carry the ids that the headers carried, not their bytes reversed",
  async (name) => {
    const { definition, recorded } = quirk(name);
    const outcome = await runCase(definition, { command: ourProxy, ports, expectedSpans: 1 });
    const righted = { ...recorded, spans: recorded.spans?.map(withIdsInOrder) ?? [] };
    const options = { strictOrder: true };
    expect(normalise(definition, outcome, options)).toEqual(
      normalise(definition, righted, options),
    );
    const sent = new Map(outcome.upstreamSaw?.[0]?.headers).get("x-b3-spanid");
    expect(outcome.spans?.map((span) => span["id"])).toEqual([sent]);
  },
);

test("z51-sigterm-flush: a pending span is sent before the proxy exits", async () => {
  const { definition } = quirk("z51-sigterm-flush");
  const outcome = await runCase(definition, { command: ourProxy, ports, expectedSpans: 0 });
  const sent = new Map(outcome.upstreamSaw?.[0]?.headers).get("x-b3-spanid");
  expect(sent).toMatch(/^[0-9a-f]{16}$/);
  expect(outcome.spans?.map((span) => span["id"])).toEqual([sent]);
});

function quirk(name: string): RecordedCase {
  const found = quirks.get(name);
  if (!found) throw new Error(`quirks/ has no ${name}`);
  return found;
}

function withIdsInOrder(span: DecodedSpan): DecodedSpan {
  const reversed = (id: unknown) =>
    typeof id === "string" ? Buffer.from(id, "hex").reverse().toString("hex") : undefined;
  const parentId = reversed(span["parentId"]);
  return { ...span, id: reversed(span["id"]), ...(parentId && { parentId }) };
}
