/** The operators by name, with Envoy's rules on what may follow the name. */
import { coalesced } from "./coalesce-parameters.ts";
import { FormatError, type Operator } from "./formatter.ts";
import { headerOperators } from "./header-operators.ts";
import { metadataOperators } from "./metadata-operators.ts";
import { streamOperators } from "./stream-operators.ts";
import { timeOperators } from "./time-operators.ts";
import { tlsOperators } from "./tls-operators.ts";
import { utf8Bytes } from "./utf8-bytes.ts";

export interface OperatorDefinition {
  readonly parameters: "none" | "optional" | "required";
  readonly lengthAllowed: boolean;
  /** Its strings are bytes, one a character, as header values are; absent: they are text. */
  readonly yieldsBytes?: true;
  /** `parameters` stand between the parentheses; empty without any. */
  compile(parameters: string): Operator;
}

const definitions: Readonly<Record<string, OperatorDefinition>> = {
  COALESCE: { parameters: "required", lengthAllowed: true, yieldsBytes: true, compile: coalesce },
  ...headerOperators,
  ...metadataOperators,
  ...streamOperators,
  ...timeOperators,
  ...tlsOperators,
};

/** Known to Envoy, not to us: expressions of its own. */
const unsupported = new Set(["CEL"]);

/** Its strings are bytes, one a character, and of no more than the length; other values are cut where they become text. */
export function compileOperator(
  name: string,
  text: string | undefined,
  maxLength: number | undefined,
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
  const operator = definition.compile(text ?? "");
  if (definition.yieldsBytes !== undefined && maxLength === undefined) return operator;
  return (info) => {
    const value = operator(info);
    if (typeof value !== "string") return value;
    const bytes = definition.yieldsBytes === undefined ? utf8Bytes(value) : value;
    return maxLength === undefined ? bytes : bytes.slice(0, maxLength);
  };
}

/** The first that has a value. `{"operators": ["NAME", {"command": "NAME", "param": "...", "max_length": 5}]}` */
function coalesce(parameters: string): Operator {
  const operators = coalesced(parameters).map(({ command, parameter, length }, at) => {
    try {
      if (!Object.hasOwn(definitions, command) && !unsupported.has(command))
        throw new FormatError(`unknown command: '${command}'`);
      return compileOperator(command, parameter, length);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new FormatError(`COALESCE: failed to parse operator at index ${at}: ${error.message}`);
    }
  });
  return (info) => {
    for (const operator of operators) {
      const value = operator(info);
      if (value !== undefined) return value;
    }
    return undefined;
  };
}
