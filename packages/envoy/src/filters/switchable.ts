/** Filters that are off, or that a route switches on or off through typed_per_filter_config. (route.v3.FilterConfig) */
import type { HttpFilter as HttpFilterConfig } from "../config/http-filter.ts";
import type { FilterStream, HttpFilter, HttpFilterFactory } from "./filter.ts";

const passThrough: HttpFilter = { decodeHeaders: () => "continue" };

export function switchable(
  config: HttpFilterConfig,
  factory: HttpFilterFactory,
): HttpFilterFactory {
  // The router cannot be switched off, and asking the route for it would cost every request.
  if (config.config.type === "Router") return factory;
  const isDisabled = (stream: FilterStream): boolean => {
    const own = stream.filterConfig(factory.name);
    if (own?.type === "FilterConfig") return own.disabled;
    return own === undefined && config.disabled;
  };
  return {
    name: factory.name,
    create: (stream) => (isDisabled(stream) ? passThrough : factory.create(stream)),
  };
}

/** A route's config of a filter, out of its FilterConfig wrapper where it has one. */
export function routeConfig(
  stream: FilterStream,
  name: string,
): Exclude<ReturnType<FilterStream["filterConfig"]>, { type: "FilterConfig" }> {
  return unwrapConfig(stream.filterConfig(name));
}

export function unwrapConfig(
  own: ReturnType<FilterStream["filterConfig"]>,
): ReturnType<typeof routeConfig> {
  return own?.type === "FilterConfig" ? own.config : own;
}
