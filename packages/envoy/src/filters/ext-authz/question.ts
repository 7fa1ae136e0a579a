/** What of a request an authorization service is told. */
import type { ListStringMatcher } from "../../config/list-string-matcher.ts";
import type { HeaderMap } from "../../http/header-map.ts";
import { compileStringMatcher, type StringTest } from "../../routing/string-matcher.ts";

export const partialBodyHeader = "x-envoy-auth-partial-body";

type Lines = readonly (readonly [name: string, value: string])[];

/** Undefined: every header may be told. */
export type NameTest = (name: string) => boolean;

/** The names that go along in any case when the service is asked over HTTP. */
const alwaysTold = new Set(["authorization", ":method", ":path", ":authority"]);

export function compileNames(list: ListStringMatcher | undefined): NameTest {
  const tests: readonly StringTest[] = (list?.patterns ?? []).map(compileStringMatcher);
  return (name) => tests.some((test) => test(name));
}

export function orAlwaysTold(test: NameTest): NameTest {
  return (name) => alwaysTold.has(name) || test(name);
}

export interface ToldHeaders {
  readonly allowed: NameTest | undefined;
  readonly disallowed: NameTest | undefined;
  /** Each line by itself. */
  readonly raw: boolean;
}

/** The lines in Envoy's order, without what could be taken for the proxy's own word. */
export function linesToTell(headers: HeaderMap, { allowed, disallowed, raw }: ToldHeaders): Lines {
  const scheme = headers.get(":scheme") ?? headers.get("x-forwarded-proto") ?? "http";
  const pseudo = [":authority", ":path", ":method"].flatMap((name) => {
    const value = headers.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const plain = [...headers].filter(([name]) => !name.startsWith(":"));
  const told = [...pseudo, [":scheme", scheme] as const, ...plain].filter(
    ([name]) =>
      name !== partialBodyHeader &&
      disallowed?.(name) !== true &&
      (allowed === undefined || allowed(name)),
  );
  return raw ? told : merged(told);
}

function merged(lines: Lines): Lines {
  const values = new Map<string, string>();
  for (const [name, value] of lines) {
    const known = values.get(name);
    values.set(name, known === undefined ? value : `${known},${value}`);
  }
  return [...values];
}
