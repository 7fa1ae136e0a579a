/**
 * Headers that routes, virtual hosts and route configurations add and remove, compiled once.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#custom-request-response-headers
 */
import type { HeaderAppendAction, HeaderValueOption } from "../config/header-value-option.ts";
import type { HeaderMap } from "../http/header-map.ts";
import { appendHeader, inlineRequestHeaders } from "../http/inline-headers.ts";
import type { StreamInfo } from "../http/stream-info.ts";

/** A compiled format string; undefined where nothing is known. */
export type ValueFormat = (info: StreamInfo) => string | undefined;
export type CompileFormat = (text: string) => ValueFormat;

interface HeaderAddition {
  readonly name: string;
  readonly format: ValueFormat;
  readonly action: HeaderAppendAction;
  readonly keepEmpty: boolean;
}

/** One level's changes: removals first, then overwrites, then additions. */
export class HeaderRules {
  readonly #additions: readonly HeaderAddition[];
  readonly #removals: readonly string[];
  readonly #inline: ReadonlySet<string>;

  constructor(
    toAdd: readonly HeaderValueOption[],
    toRemove: readonly string[],
    inline: ReadonlySet<string>,
    compileFormat: CompileFormat,
  ) {
    this.#removals = toRemove.map((name) => name.toLowerCase());
    this.#inline = inline;
    this.#additions = toAdd.map((option) => {
      const name = option.header.key.toLowerCase();
      return {
        name: name === "host" ? ":authority" : name,
        format: compileFormat(option.header.value),
        action: option.appendAction,
        keepEmpty: option.keepEmptyValue,
      };
    });
  }

  get isEmpty(): boolean {
    return this.#additions.length === 0 && this.#removals.length === 0;
  }

  apply(headers: HeaderMap, info: StreamInfo): void {
    for (const name of this.#removals) headers.remove(name);
    if (this.#additions.length === 0) return;
    // Every value is made from the headers as they came, before any of them is written.
    const values: (string | undefined)[] = [];
    for (const addition of this.#additions)
      values.push(this.#sendable(addition, evaluate(addition, headers, info), info));
    for (const [i, { name, action }] of this.#additions.entries()) {
      const value = values[i];
      if (value === undefined || !isOverwrite(action)) continue;
      if (name.startsWith(":")) headers.set(name, value);
      else {
        headers.remove(name);
        headers.add(name, value);
      }
    }
    for (const [i, { name, action }] of this.#additions.entries()) {
      const value = values[i];
      if (value !== undefined && !isOverwrite(action))
        appendHeader(headers, this.#inline, name, value);
    }
  }

  /** A request with a value that no header can have is not sent on; a response goes out without the header. */
  #sendable(
    { name }: HeaderAddition,
    value: string | undefined,
    info: StreamInfo,
  ): string | undefined {
    if (value === undefined) return undefined;
    if (this.#inline !== inlineRequestHeaders) return splitting.test(value) ? undefined : value;
    if (!control.test(value)) return value;
    info.unsendableHeader ??= name;
    return undefined;
  }
}

/** What decoding a query can bring: nothing of it may stand in a head, or one header would be two. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\u0000-\u0008\u000a-\u001f\u007f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const splitting = /[\u0000\r\n]/;

function isOverwrite(action: HeaderAppendAction): boolean {
  return action === "OVERWRITE_IF_EXISTS" || action === "OVERWRITE_IF_EXISTS_OR_ADD";
}

function evaluate(rule: HeaderAddition, headers: HeaderMap, info: StreamInfo): string | undefined {
  const value = rule.format(info) ?? "";
  if (value === "" && !rule.keepEmpty) return undefined;
  if (rule.action === "ADD_IF_ABSENT" && headers.has(rule.name)) return undefined;
  if (rule.action === "OVERWRITE_IF_EXISTS" && !headers.has(rule.name)) return undefined;
  return value;
}
