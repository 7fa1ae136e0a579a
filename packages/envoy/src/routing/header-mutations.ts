/** Changes of headers that are made one after another, in the file's order. */
import type { HeaderMutation } from "../config/header-mutation.ts";
import type { HeaderMap } from "../http/header-map.ts";
import { inlineRequestHeaders } from "../http/inline-headers.ts";
import type { StreamInfo } from "../http/stream-info.ts";
import { type CompileFormat, HeaderRules } from "./header-rules.ts";
import { compileStringMatcher } from "./string-matcher.ts";

/** `info` is what format strings are filled in from. */
export type ChangeHeaders = (headers: HeaderMap, info: StreamInfo) => void;

export function compileRequestMutations(
  mutations: readonly HeaderMutation[],
  compileFormat: CompileFormat,
): ChangeHeaders {
  const steps = mutations.map((mutation) => compile(mutation, compileFormat));
  return (headers, info) => {
    for (const step of steps) step(headers, info);
  };
}

function compile(
  { remove, append, removeOnMatch }: HeaderMutation,
  compileFormat: CompileFormat,
): ChangeHeaders {
  if (removeOnMatch !== undefined) {
    const matches = compileStringMatcher(removeOnMatch.keyMatcher);
    return (headers) => {
      for (const [name] of [...headers])
        if (!name.startsWith(":") && matches(name)) headers.remove(name);
    };
  }
  const additions = append === undefined ? [] : [append];
  const removals = remove === undefined ? [] : [remove];
  const rules = new HeaderRules(additions, removals, inlineRequestHeaders, compileFormat);
  return (headers, info) => rules.apply(headers, info);
}
