import { AsyncLocalStorage } from "node:async_hooks";
import { type Context, context as otelContext, ROOT_CONTEXT } from "@opentelemetry/api";

// One storage for the process: the request being served, whichever service of the process serves it.
export const contextStorage: AsyncLocalStorage<Context> = new AsyncLocalStorage<Context>();

/** The context of the request being served; works with and without a registered OTel context manager. */
export function activeContext(): Context {
  const registered = otelContext.active();
  return registered === ROOT_CONTEXT ? (contextStorage.getStore() ?? ROOT_CONTEXT) : registered;
}

/** Runs `fn` with `context` active, for us and for a registered OTel context manager. */
export function runWithContext<Result>(context: Context, fn: () => Result): Result {
  return contextStorage.run(context, () => otelContext.with(context, fn));
}

/** Binds `fn` to the context active now: for callbacks run by a pool or an emitter made earlier. */
export function bindContext<Args extends unknown[], Result>(
  fn: (...args: Args) => Result,
): (...args: Args) => Result {
  const context = activeContext();
  return (...args) => runWithContext(context, () => fn(...args));
}
