import { type Cursor, describe, read, report } from "./cursor.ts";
import { type Decoder, decodeWith, integer, number, text } from "./decoder.ts";

/** The analyser's code for values its schema refuses. */
export const schemaCode = "IST0106";

export function schemaError(cursor: Cursor, message: string): undefined {
  return report(cursor, message, { code: schemaCode });
}

export const port: Decoder<number> = decodeWith(integer, (value, cursor) =>
  value >= 1 && value <= 65535 ? value : schemaError(cursor, `port ${value} is not in 1-65535`),
);

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1e3,
  m: 6e4,
  h: 3.6e6,
};

/** Go's notation, as Istio's manifests use it: `7s`, `1h30m`, `0.5s`. `undefined` when unreadable. */
export function parseDurationMs(value: string): number | undefined {
  if (/^0+$/.test(value)) return 0;
  const sign = value.startsWith("-") ? -1 : 1;
  const body = value.replace(/^[+-]/, "");
  if (!/^(?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+$/.test(body)) return undefined;
  let total = 0;
  for (const [, amount, unit] of body.matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(amount) * (unitMs[unit ?? ""] ?? 0);
  }
  return sign * total;
}

/** The protobuf JSON form, seconds with up to nine decimals: `0.5s`. */
export function writeDuration(ms: number): string {
  const seconds = (ms / 1000).toFixed(9).replace(/\.?0+$/, "");
  return `${seconds}s`;
}

/** Milliseconds. Istio refuses durations below one millisecond; zero is for fields where it means "none". */
export function duration(options: { readonly zero: boolean }): Decoder<number> {
  return decodeWith(text, (value, cursor) => {
    const ms = parseDurationMs(value);
    // The real analyser reports an unreadable duration as a parse error without a code.
    if (ms === undefined) {
      return report(cursor, `${JSON.stringify(value)} is not a duration such as "7s" or "0.5s"`);
    }
    if (ms >= 1 || (options.zero && ms === 0)) return ms;
    return schemaError(cursor, `duration ${value} is shorter than 1ms`);
  });
}

export interface Percent {
  readonly value: number;
}

/** `{value: 0.1}`; Istio allows 0 and 0.0001 to 100. */
export const percentValue: Decoder<number> = decodeWith(number, (value, cursor) =>
  value === 0 || (value >= 0.0001 && value <= 100)
    ? value
    : schemaError(cursor, `percentage ${value} is not 0 or 0.0001-100`),
);

const notInRe2 = /\(\?(?:[=!]|<[=!])|\\[1-9]/;

/** Why a regular expression is no RE2 expression, or `undefined` when it is one as far as can be told here. */
export function regexProblem(pattern: string): string | undefined {
  if (notInRe2.test(pattern)) return "RE2 has no look-around and no back references";
  const inJavaScript = pattern.replace(/^\(\?[a-zA-Z]+\)/, "").replaceAll("(?P<", "(?<");
  try {
    new RegExp(inJavaScript);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export const regex: Decoder<string> = decodeWith(text, (value, cursor) => {
  const reason = regexProblem(value);
  return reason === undefined
    ? value
    : schemaError(cursor, `regex ${JSON.stringify(value)}: ${reason}`);
});

const dnsLabel = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/i;

/** A host name, optionally with a wildcard as its first label; `*` alone where `star` allows it. */
export function hostProblem(host: string, star: boolean): string | undefined {
  if (host === "*") return star ? undefined : "* is not allowed here";
  const name = host.startsWith("*.") ? host.slice(2) : host.startsWith("*") ? host.slice(1) : host;
  if (host === "" || host.length > 255) return "a host has 1 to 255 characters";
  if (/^\d+(?:\.\d+){3}$/.test(name)) return undefined;
  const labels = name.replace(/\.$/, "").split(".");
  const valid = labels.every((label) => label.length <= 63 && dnsLabel.test(label));
  return valid ? undefined : "not a DNS name";
}

export function host(options: { readonly star: boolean }): Decoder<string> {
  return (cursor) => {
    const value = read(cursor);
    if (value.kind !== "scalar" || typeof value.value !== "string") {
      return report(cursor, `${describe(value)} is not a host name`);
    }
    const reason = hostProblem(value.value, options.star);
    if (reason === undefined) return value.value;
    return schemaError(cursor, `host ${JSON.stringify(value.value)}: ${reason}`);
  };
}
