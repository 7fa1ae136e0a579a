/** The operators by name, with Envoy's rules on what may follow the name. */
import { FormatError, type Operator } from "./formatter.ts";
import { headerOperators } from "./header-operators.ts";
import { metadataOperators } from "./metadata-operators.ts";
import { streamOperators } from "./stream-operators.ts";
import { timeOperators } from "./time-operators.ts";
import { tlsOperators } from "./tls-operators.ts";

export interface OperatorParameters {
  /** Between the parentheses; empty without any. */
  readonly text: string;
  readonly maxLength: number | undefined;
  /** What header values become: text, or the bytes they are (see FormatOptions). */
  readonly readHeader: (value: string) => string;
}

export interface OperatorDefinition {
  readonly parameters: "none" | "optional" | "required";
  readonly lengthAllowed: boolean;
  compile(parameters: OperatorParameters): Operator;
}

const definitions: Readonly<Record<string, OperatorDefinition>> = {
  ...headerOperators,
  ...metadataOperators,
  ...streamOperators,
  ...timeOperators,
  ...tlsOperators,
};

/** Known to Envoy, not to us: no CEL, no local time zones. */
const unsupported = new Set(["CEL", "COALESCE", "START_TIME_LOCAL", "EMIT_TIME_LOCAL"]);

export function compileOperator(
  name: string,
  text: string | undefined,
  maxLength: number | undefined,
  readHeader: (value: string) => string,
): Operator {
  if (unsupported.has(name))
    throw new FormatError(`The operator ${name} of Envoy's format strings is not supported here`);
  const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
  if (definition === undefined) throw new FormatError(`Not supported field in StreamInfo: ${name}`);
  const { parameters, lengthAllowed } = definition;
  const given = text !== undefined && text !== "";
  if (parameters === "none" && !lengthAllowed && (given || maxLength !== undefined))
    throw new FormatError(`${name} does not take any parameters or length`);
  if (parameters === "required" && !given) throw new FormatError(`${name} requires parameters`);
  if (!lengthAllowed && maxLength !== undefined)
    throw new FormatError(`${name} does not allow length to be specified.`);
  return definition.compile({ text: text ?? "", maxLength, readHeader });
}
