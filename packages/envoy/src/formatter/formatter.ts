import type { StreamInfo } from "../http/stream-info.ts";

/** What an operator yields: undefined when the value is missing. */
export type Operand =
  | string
  | number
  | Readonly<Record<string, unknown>>
  | readonly unknown[]
  | boolean
  | undefined;

export type Operator = (info: StreamInfo) => Operand;

/** A compiled format string. */
export interface Formatter {
  /** Missing values become what the format was compiled with. */
  format(info: StreamInfo): string;
  /** For JSON: the operator's own type when the format is a single operator (undefined: missing), else a string. */
  value(info: StreamInfo): Operand;
  /** The text when there is no operator in it. */
  readonly fixed: string | undefined;
}

/** A format that Envoy would refuse; the message is Envoy's. */
export class FormatError extends Error {
  override readonly name = "FormatError";
}
