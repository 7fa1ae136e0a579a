import { EventEmitter, once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { createContextKey, ROOT_CONTEXT } from "@opentelemetry/api";
import { expect, test } from "vitest";
import { activeContext, bindContext, runWithContext } from "./active-context.ts";
import { otelContextManager } from "./otel-context-manager.ts";

const NAME = createContextKey("name");
const named = (name: string): typeof ROOT_CONTEXT => ROOT_CONTEXT.setValue(NAME, name);
const active = (): unknown => activeContext().getValue(NAME);

async function* numbers(): AsyncGenerator<unknown> {
  await delay(0);
  yield active();
}

// What a reader may rely on; each row is one construct.
test.each<[string, () => Promise<unknown>]>([
  [
    "await",
    async () => {
      await delay(0);
      return active();
    },
  ],
  ["a timer", () => new Promise((resolve) => setTimeout(() => resolve(active()), 0))],
  ["a microtask", () => new Promise((resolve) => queueMicrotask(() => resolve(active())))],
  ["an immediate", () => new Promise((resolve) => setImmediate(() => resolve(active())))],
  ["next tick", () => new Promise((resolve) => process.nextTick(() => resolve(active())))],
  ["a promise chain", () => Promise.resolve().then(() => active())],
  ["an async generator", async () => (await numbers().next()).value],
  [
    "a listener called by an emit here",
    async () => {
      const emitter = new EventEmitter();
      const seen = once(emitter, "done");
      emitter.emit("done", active());
      return (await seen)[0];
    },
  ],
])("the context survives %s", async (_construct, run) => {
  expect(await runWithContext(named("a"), run)).toBe("a");
});

test("a callback of an older emitter needs bindContext", () => {
  const emitter = new EventEmitter();
  const seen: unknown[] = [];
  runWithContext(named("a"), () => {
    emitter.on("tick", () => seen.push(active()));
    emitter.on(
      "tick",
      bindContext(() => seen.push(active())),
    );
  });
  runWithContext(named("b"), () => emitter.emit("tick"));
  expect(seen).toEqual(["b", "a"]);
});

test("two requests at once do not see each other", async () => {
  const serve = (name: string): Promise<unknown> =>
    runWithContext(named(name), async () => {
      await delay(0);
      return active();
    });
  const names = Array.from({ length: 100 }, (_, index) => `request-${index}`);
  expect(await Promise.all(names.map(serve))).toEqual(names);
});

test("outside of a request there is the root context", () => {
  expect(activeContext()).toBe(ROOT_CONTEXT);
});

test("OTel's manager and ours share one storage", () => {
  const seen = otelContextManager.with(named("a"), () => active());
  expect(seen).toBe("a");
  expect(runWithContext(named("b"), () => otelContextManager.active().getValue(NAME))).toBe("b");
  const bound = otelContextManager.bind(named("c"), () => active());
  expect(bound()).toBe("c");
});
