/** Cross-site request forgery: what changes something has to come from the page's own host. https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/csrf_filter */
import type { CsrfPolicy } from "../config/filters/csrf.ts";
import type { HeaderMap } from "../http/header-map.ts";
import { compileStringMatcher, type StringTest } from "../routing/string-matcher.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Counter, StatsStore } from "../stats/stats-store.ts";
import type { HttpFilter, HttpFilterFactory } from "./filter.ts";
import { routeConfig } from "./switchable.ts";

export interface CsrfDependencies {
  readonly runtime: Runtime;
  readonly stats: StatsStore;
  readonly statPrefix: string;
}

type Verdict = "missing" | "invalid" | "valid";

const passThrough: HttpFilter = { decodeHeaders: () => "continue" };
const modifying: ReadonlySet<string> = new Set(["POST", "PUT", "DELETE", "PATCH"]);
/** Scheme, perhaps a user, host and port. */
const absoluteUrl = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/(?:[^@/?#\s]*@)?([^@/?#\s]+)(?:[/?]\S*)?$/;

export function createCsrf(
  name: string,
  config: CsrfPolicy,
  { runtime, stats, statPrefix }: CsrfDependencies,
): HttpFilterFactory {
  const counter = (suffix: string): Counter => stats.counter(`http.${statPrefix}.csrf.${suffix}`);
  const counters: Readonly<Record<Verdict, Counter>> = {
    missing: counter("missing_source_origin"),
    invalid: counter("request_invalid"),
    valid: counter("request_valid"),
  };
  const additional = new WeakMap<CsrfPolicy, readonly StringTest[]>();
  const originsOf = (policy: CsrfPolicy): readonly StringTest[] => {
    let tests = additional.get(policy);
    if (tests === undefined) {
      tests = policy.additionalOrigins.map(compileStringMatcher);
      additional.set(policy, tests);
    }
    return tests;
  };
  return {
    name,
    create(stream) {
      const own = routeConfig(stream, name);
      const policy = own?.type === "CsrfPolicy" ? own : config;
      const { filterEnabled, shadowEnabled } = policy;
      const isEnforced = runtime.isEnabled(filterEnabled, stream.random);
      const isJudged =
        isEnforced ||
        (shadowEnabled !== undefined && runtime.isEnabled(shadowEnabled, stream.random));
      if (!isJudged) return passThrough;
      return {
        decodeHeaders(headers) {
          if (!modifying.has(headers.get(":method") ?? "")) return "continue";
          const verdict = judge(headers, originsOf(policy));
          counters[verdict].inc();
          if (verdict === "valid" || !isEnforced) return "continue";
          stream.sendLocalReply({
            status: 403,
            body: "Invalid origin",
            details: "csrf_origin_mismatch",
          });
          return "stop";
        },
      };
    },
  };
}

function judge(headers: HeaderMap, additional: readonly StringTest[]): Verdict {
  const source = sourceOrigin(headers);
  if (source === "") return "missing";
  const target = headers.get(":authority") ?? "";
  const isValid = source === target || additional.some((test) => test(source));
  return isValid ? "valid" : "invalid";
}

/** An origin that is opaque ("null") counts as none, and then the referer is not asked either. */
function sourceOrigin(headers: HeaderMap): string {
  const origin = headers.get("origin") ?? "";
  if (origin === "null") return "";
  return hostAndPort(origin === "" ? (headers.get("referer") ?? "") : origin);
}

/** What is no URL stands for itself. */
function hostAndPort(url: string): string {
  return absoluteUrl.exec(url)?.[1] ?? url;
}
