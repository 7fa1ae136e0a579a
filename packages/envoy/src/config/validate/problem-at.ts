/** Reports a problem of a decoded value where the value stands in the file. */
import { fieldPlace } from "../decode/message.ts";
import type { Report, Stage } from "../decode/scope.ts";

export interface ValueProblem {
  readonly stage: Stage;
  /** The field at fault, by proto name; absent: the value as a whole. */
  readonly field?: string;
  /** Its element, where the field is a list. */
  readonly index?: number;
  readonly message: string;
  readonly envoyMessage: string;
}

export function problemAt(value: object, problem: ValueProblem, report: Report): void {
  const origin = report.origins.get(value);
  if (origin === undefined) throw new Error("a decoded value has lost its place in the file");
  const { node, scope } = origin;
  const { stage, field, index, message, envoyMessage } = problem;
  if (field === undefined) {
    scope.add(stage, node.at, message, envoyMessage);
    return;
  }
  const inside = index === undefined ? scope.field(field) : scope.field(field).element(index);
  inside.add(stage, fieldPlace(node, field, index), message, envoyMessage);
}
