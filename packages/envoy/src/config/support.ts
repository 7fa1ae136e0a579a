/** The page about supported configuration, written from the decoders: docs/envoy-support.md. */
import { flags } from "../command-line-flags.ts";
import { bootstrap } from "./bootstrap.ts";
import type { FieldShape, MessageShape, Shape } from "./decode/decoder.ts";
import { knownFields } from "./decode/known-types.ts";

const intro = `# Which Envoy configuration is supported

Written by \`npm run docs --workspace @tracemesh/envoy\` from the decoders; a test fails when it is out of date.

The proxy reads Envoy's v3 bootstrap, YAML or JSON, as Envoy 1.40 reads it: snake_case and camelCase names, \`"0.25s"\` durations, enums by
name or number, \`"@type"\` and TypedStruct. A field is one of

- **supported**: in the tables below, under its message;
- **accepted, no effect**: read and checked for spelling only, with the reason why nothing follows from it;
- **not supported**: known to Envoy 1.40, an error here that names the feature, with file, line, column and path;
- unknown to Envoy: an error, as it is there.

Nothing is skipped in silence. Listeners, clusters and routes may come out of files of their own, which are read again when they change
(\`dynamic_resources\`, \`rds\`); configuration from servers (xDS) is not supported.
`;

/** The whole page. */
export function supportPage(): string {
  const messages = collect(bootstrap.shape);
  const sections = messages.map(messageSection);
  return [
    intro,
    flagSection(),
    "## Extensions\n",
    extensionTable(messages),
    "## Messages\n",
    ...sections,
  ].join("\n");
}

/** All messages that can be reached, each once, in the order of first use. */
export function collect(root: MessageShape): readonly MessageShape[] {
  const found = new Map<string, MessageShape>();
  const visit = (shape: Shape): void => {
    switch (shape.kind) {
      case "list":
      case "map":
        visit(shape.of);
        return;
      case "reference":
        visit(shape.target());
        return;
      case "any":
        for (const type of shape.types()) visit(type);
        return;
      case "message": {
        if (found.has(shape.name)) return;
        found.set(shape.name, shape);
        for (const field of shape.fields()) visit(field.shape);
        return;
      }
      default:
    }
  };
  visit(root);
  return [...found.values()];
}

/** Fields of the message that Envoy has and we refuse, with the feature's name. */
export function refusedFields(message: MessageShape): readonly (readonly [string, string])[] {
  const taken = new Set([
    ...message.fields().map(({ name }) => name),
    ...Object.keys(message.accepted),
  ]);
  const listed = Object.keys(knownFields(message.name) ?? {});
  return [...new Set([...listed, ...Object.keys(message.unsupported)])]
    .filter((name) => !taken.has(name))
    .map((name) => [name, message.unsupported[name] ?? name]);
}

function messageSection(message: MessageShape): string {
  const lines = [`### ${message.name}`, ""];
  const fields = message.fields();
  if (fields.length > 0) {
    lines.push("| field | value |", "| --- | --- |");
    for (const field of fields) lines.push(`| \`${field.name}\` | ${fieldText(field)} |`);
    lines.push("");
  } else {
    lines.push("No fields: its presence says all.", "");
  }
  const accepted = Object.entries(message.accepted);
  if (accepted.length > 0) {
    lines.push("Accepted, no effect:", "");
    for (const [name, reason] of accepted) lines.push(`- \`${name}\`: ${reason}`);
    lines.push("");
  }
  const refused = refusedFields(message);
  if (refused.length > 0) {
    const list = refused.map(([name, feature]) =>
      feature === name ? `\`${name}\`` : `\`${name}\` (${feature})`,
    );
    lines.push(`Not supported: ${list.join(", ")}.`, "");
  }
  return lines.join("\n");
}

function fieldText({ shape, required }: FieldShape): string {
  return required ? `${shapeText(shape)}, required` : shapeText(shape);
}

function shapeText(shape: Shape): string {
  switch (shape.kind) {
    case "scalar":
      return shape.text;
    case "enum": {
      const refused = shape.refused.length === 0 ? "" : `; not ${shape.refused.join(", ")}`;
      return `${shape.values.join(", ")}${refused}`;
    }
    case "message":
      return shortName(shape.name);
    case "reference":
      return shortName(shape.target().name);
    case "list":
      return `list of ${shapeText(shape.of)}`;
    case "map":
      return `map to ${shapeText(shape.of)}`;
    case "any":
      return `${shape.category}: ${shape
        .types()
        .map(({ name }) => shortName(name))
        .join(", ")}`;
  }
}

function shortName(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

function extensionTable(messages: readonly MessageShape[]): string {
  const byCategory = new Map<string, Set<string>>();
  const visit = (shape: Shape): void => {
    if (shape.kind === "list" || shape.kind === "map") visit(shape.of);
    if (shape.kind !== "any") return;
    const types = byCategory.get(shape.category) ?? new Set();
    for (const { name } of shape.types()) types.add(name);
    byCategory.set(shape.category, types);
  };
  for (const message of messages) for (const { shape } of message.fields()) visit(shape);
  const rows = [...byCategory].map(
    ([category, types]) =>
      `| ${category} | ${[...types].map((name) => `\`${name}\``).join(", ")} |`,
  );
  return ["| kind | types |", "| --- | --- |", ...rows, ""].join("\n");
}

function flagSection(): string {
  const rows = flags.map(({ name, short, noEffect, unsupported }) => {
    const spelling = short === undefined ? `\`--${name}\`` : `\`-${short}\`, \`--${name}\``;
    const fate =
      unsupported === undefined
        ? noEffect === undefined
          ? "supported"
          : `accepted, no effect: ${noEffect}`
        : `not supported: ${unsupported}`;
    return `| ${spelling} | ${fate} |`;
  });
  return ["## Command line\n", "| flag | |", "| --- | --- |", ...rows, ""].join("\n");
}
