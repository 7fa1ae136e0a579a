import type { StreamInfo } from "../http/stream-info.ts";

/** What an operator yields: undefined when the value is missing. Strings are bytes, one a character. */
export type Operand =
  | string
  | number
  | Readonly<Record<string, unknown>>
  | readonly unknown[]
  | boolean
  | undefined;

export type Operator = (info: StreamInfo) => Operand;

/** A compiled format string. What it makes is bytes, one a character, as codecs have header values. */
export interface Formatter {
  /** Missing values become what the format was compiled with. */
  format(info: StreamInfo): string;
  /** Text, as bytes too, and operators in turn. */
  readonly parts: readonly (string | Command)[];
}

export interface Command {
  readonly operator: Operator;
  /** Of the value as text. */
  readonly maxLength: number | undefined;
}

/** A format that Envoy would refuse; the message is Envoy's. */
export class FormatError extends Error {
  override readonly name = "FormatError";
}
