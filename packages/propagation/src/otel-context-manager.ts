import { type Context, type ContextManager, ROOT_CONTEXT } from "@opentelemetry/api";
import { contextStorage } from "./active-context.ts";

/** OTel's view of our storage: register it, and OTel's active context and ours are the same. */
export const otelContextManager: ContextManager = {
  active: () => contextStorage.getStore() ?? ROOT_CONTEXT,
  with: (context, fn, thisArg, ...args) =>
    contextStorage.run(context, () => Reflect.apply(fn, thisArg, args)),
  bind: (context, target) => {
    if (typeof target !== "function") return target;
    return bound(context, target as unknown as (...args: unknown[]) => unknown) as typeof target;
  },
  enable: () => otelContextManager,
  disable: () => otelContextManager,
};

function bound(
  context: Context,
  fn: (...args: unknown[]) => unknown,
): (...args: unknown[]) => unknown {
  return function (this: unknown, ...args: unknown[]) {
    return contextStorage.run(context, () => Reflect.apply(fn, this, args));
  };
}
