/**
 * Where the decoder stands: the path for people, the path and the chain of messages as Envoy prints them, and the report that problems go to.
 */
import type { Problem } from "../problem.ts";
import type { ConfigNode, Place } from "./yaml-tree.ts";

/** The order in which Envoy would come across a problem: it stops at the first, we list all of them. */
export type Stage = "parse" | "bootstrap-rules" | "clusters" | "listeners";

export const stages: readonly Stage[] = ["parse", "bootstrap-rules", "clusters", "listeners"];

export interface FoundProblem extends Problem {
  readonly stage: Stage;
}

/** Everything found in one file, and where each decoded message came from. */
export interface Report {
  readonly file: string;
  readonly problems: FoundProblem[];
  readonly origins: WeakMap<object, Origin>;
}

export interface Origin {
  readonly node: ConfigNode;
  readonly scope: Scope;
}

/** A link of `HttpConnectionManagerValidationError.Tracing: embedded message failed validation | caused by ...`. */
interface RuleLink {
  readonly message: string;
  readonly field: string;
}

export class Scope {
  readonly report: Report;
  readonly path: string;
  readonly #envoyPath: string;
  readonly #links: readonly RuleLink[];
  /** Short name of the message this scope is in. */
  readonly #message: string;
  readonly #ruleStage: Stage;
  /** `name` beside the typed_config we are in, for Envoy's messages. */
  readonly extensionName: string;

  constructor(
    report: Report,
    path = "",
    envoyPath = "",
    links: readonly RuleLink[] = [],
    message = "Bootstrap",
    ruleStage: Stage = "bootstrap-rules",
    extensionName = "",
  ) {
    this.report = report;
    this.path = path;
    this.#envoyPath = envoyPath;
    this.#links = links;
    this.#message = message;
    this.#ruleStage = ruleStage;
    this.extensionName = extensionName;
  }

  /** Inside the field of that proto name. */
  field(name: string): Scope {
    const join = (path: string): string => (path === "" ? name : `${path}.${name}`);
    const links = [...this.#links, { message: this.#message, field: camelCase(name) }];
    return this.#derive(join(this.path), join(this.#envoyPath), links, this.#message);
  }

  /** Inside one element of a list or a map. */
  element(key: number | string): Scope {
    const step = typeof key === "number" ? `[${key}]` : `["${key}"]`;
    const last = this.#links.at(-1);
    const links =
      last === undefined
        ? this.#links
        : [...this.#links.slice(0, -1), { ...last, field: `${last.field}[${key}]` }];
    return this.#derive(this.path + step, this.#envoyPath + step, links, this.#message);
  }

  /** Inside a message of that name, still in the same validation. */
  message(fullName: string): Scope {
    return this.#derive(this.path, this.#envoyPath, this.#links, shortName(fullName));
  }

  /** Inside the message that an Any holds: Envoy validates it apart, when it loads the cluster or listener. */
  any(fullName: string): Scope {
    const stage = this.path.startsWith("static_resources.clusters") ? "clusters" : "listeners";
    const envoyPath = `${this.#envoyPath}.<any>`;
    return new Scope(this.report, this.path, envoyPath, [], shortName(fullName), stage);
  }

  /** Inside the message whose extension is called that. */
  named(name: string): Scope {
    return new Scope(
      this.report,
      this.path,
      this.#envoyPath,
      this.#links,
      this.#message,
      this.#ruleStage,
      name,
    );
  }

  #derive(path: string, envoyPath: string, links: readonly RuleLink[], message: string): Scope {
    const { report, extensionName } = this;
    return new Scope(report, path, envoyPath, links, message, this.#ruleStage, extensionName);
  }

  add(stage: Stage, at: Place, message: string, envoyMessage: string): void {
    const { file, problems } = this.report;
    const { line, column } = at;
    problems.push({ file, line, column, path: this.path, message, envoyMessage, stage });
  }

  /** A value which protobuf's JSON reader refuses. `expected` is its word for the type. */
  malformed(node: ConfigNode, expected: string, reason: string, message: string): void {
    const where = this.#parseWhere(expected, node.at);
    this.add(
      "parse",
      node.at,
      message,
      `Unable to parse JSON as proto (INVALID_ARGUMENT: ${where}: ${reason})`,
    );
  }

  unknownField(at: Place, messageName: string, field: string, message: string): void {
    const where = this.#parseWhere(`message ${messageName}`, at);
    const reason = `INVALID_ARGUMENT: ${where}: no such field: '${field}'`;
    this.field(field).add(
      "parse",
      at,
      message,
      `Protobuf message (type envoy.config.bootstrap.v3.Bootstrap reason ${reason}) has unknown fields`,
    );
  }

  /** Known to Envoy, not to us. */
  unsupported(at: Place, message: string): void {
    this.add("parse", at, message, `${this.path}: ${message}`);
  }

  /** A value that breaks a validation rule of its message. `rule` is Envoy's wording. */
  violation(at: Place, rule: string, message: string): void {
    const links = this.#links.map(({ message: name, field }) => `${name}ValidationError.${field}`);
    const chain = links.join(": embedded message failed validation | caused by ");
    this.add(
      this.#ruleStage,
      at,
      message,
      `Proto constraint validation failed (${chain}: ${rule})`,
    );
  }

  /** None of a group's fields is there. */
  missingOneof(at: Place, name: string, message: string): void {
    const links = this.#links.map((link) => `${link.message}ValidationError.${link.field}`);
    const chain = links
      .map((link) => `${link}: embedded message failed validation | caused by `)
      .join("");
    const rule = `${chain}field: "${name}", reason: is required`;
    this.field(name).add(
      this.#ruleStage,
      at,
      message,
      `Proto constraint validation failed (${rule})`,
    );
  }

  #parseWhere(expected: string, at: Place): string {
    const root = "invalid JSON in envoy.config.bootstrap.v3.Bootstrap";
    const inside = this.#envoyPath === "" ? "" : ` @ ${this.#envoyPath}: ${expected}`;
    return `${root}${inside}, near ${at.line}:${at.column}`;
  }
}

function camelCase(name: string): string {
  return name.replace(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function shortName(fullName: string): string {
  return fullName.slice(fullName.lastIndexOf(".") + 1);
}
