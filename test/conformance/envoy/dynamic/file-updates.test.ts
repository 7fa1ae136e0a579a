/**
 * Configuration in files that change while the proxy runs, as real Envoy 1.40.0 has it: file-updates.json, made by record.ts, against ours.
 * PROXY=real runs the real binary instead.
 */
import { expect, test } from "vitest";
import { ourProxy, realEnvoy } from "../proxies.ts";
import { createPortAllocator } from "../rig/ports.ts";
import recorded from "./file-updates.json" with { type: "json" };
import { runUpdates } from "./file-updates.ts";

const command = process.env["PROXY"] === "real" ? realEnvoy() : ourProxy;

test("every update of a file does what it does in Envoy", { timeout: 60_000 }, async () => {
  const slot = Number(process.env["VITEST_POOL_ID"] ?? 0) + 9;
  const seen = await runUpdates(command, createPortAllocator(slot));
  expect(seen).toEqual(recorded);
});
