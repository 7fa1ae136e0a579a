import { LineCounter, parseAllDocuments } from "yaml";
import { collect } from "./collect.ts";
import {
  type Cursor,
  describe,
  maxValues,
  read,
  report,
  rootCursor,
  type Source,
} from "./decode/cursor.ts";
import { type AnyResource, apiVersionsOf, kinds } from "./kinds/registry.ts";
import { type Problem, problemAt } from "./problem.ts";
import type { Resources } from "./resources.ts";

export interface ManifestFile {
  readonly path: string;
  readonly text: string;
}

export interface Manifests {
  readonly resources: Resources;
  readonly problems: readonly Problem[];
}

/** Longest manifest that is read, in characters; a cluster's own limit for one object is about 1.5 million. */
export const maxManifestLength = 8_000_000;

/**
 * Reads kubectl-style manifests: any number of YAML documents a file. What cannot be decoded is reported and left out; a
 * resource met again in a later file replaces the earlier one, as a second `kubectl apply` would.
 */
export function readManifests(files: readonly ManifestFile[]): Manifests {
  const problems: Problem[] = [];
  const found: { resource: AnyResource; file: ManifestFile }[] = [];
  for (const file of files) {
    for (const resource of readFile(file, problems)) found.push({ resource, file });
  }
  const resources = collect(found, problems);
  return { resources, problems };
}

function readFile(file: ManifestFile, problems: Problem[]): AnyResource[] {
  const start = { file: file.path, line: 1, column: 1 };
  if (file.text.length > maxManifestLength) {
    const length = `${file.text.length} characters`;
    problems.push(problemAt(start, `${length} are more than the ${maxManifestLength} allowed`));
    return [];
  }
  const lines = new LineCounter();
  const documents = parseAllDocuments(file.text, { lineCounter: lines, version: "1.2" });
  if (!Array.isArray(documents)) return [];
  const resources: AnyResource[] = [];
  for (const document of documents) {
    for (const error of [...document.errors, ...document.warnings]) {
      const { line, col } = lines.linePos(error.pos[0]);
      const message = error.message.split(/ at line |\n/)[0] ?? error.code;
      problems.push(problemAt({ file: file.path, line, column: col }, `YAML: ${message}`));
    }
    if (document.errors.length > 0) continue;
    const source: Source = { file: file.path, document, lines, problems, budget: maxValues };
    resources.push(...decodeDocument(rootCursor(source)));
    if (source.budget < 0) {
      problems.push(problemAt(start, `more than ${maxValues} values in one document`));
    }
  }
  return resources;
}

function decodeDocument(cursor: Cursor): AnyResource[] {
  const value = read(cursor);
  if (value.kind === "absent") return [];
  if (value.kind !== "object") {
    report(cursor, `${describe(value)} is not a Kubernetes object`);
    return [];
  }
  const field = (name: string) => value.entries.find(({ key }) => key === name)?.value;
  const kind = scalar(field("kind"));
  const apiVersion = scalar(field("apiVersion"));
  if (kind === undefined || apiVersion === undefined) {
    report(cursor, `${kind === undefined ? "kind" : "apiVersion"} is missing`);
    return [];
  }
  // What `kubectl get -o yaml` prints for several objects.
  if (kind === "List" && apiVersion === "v1") {
    const items = field("items");
    const list = items === undefined ? undefined : read(items);
    return list?.kind === "list" ? list.items.flatMap(decodeDocument) : [];
  }
  const entries = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  const kindCursor = field("kind") ?? cursor;
  if (entries === undefined) {
    report(kindCursor, `not supported: ${kind}, read are ${Object.keys(kinds).join(", ")}`);
    return [];
  }
  const slash = apiVersion.lastIndexOf("/");
  const group = slash < 0 ? "" : apiVersion.slice(0, slash);
  const version = apiVersion.slice(slash + 1);
  const entry = entries.find((item) => item.group === group && item.versions.includes(version));
  if (entry === undefined) {
    // Real Istio never looks at such a resource, so a typo here would switch a rule off.
    const allowed = apiVersionsOf(entries).join(", ");
    report(field("apiVersion") ?? cursor, `${apiVersion} has no ${kind}, allowed are ${allowed}`);
    return [];
  }
  const decoded = entry.decode({ ...cursor, path: "" });
  return decoded === undefined ? [] : [decoded];
}

function scalar(cursor: Cursor | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const value = read(cursor);
  return value.kind === "scalar" ? String(value.value) : undefined;
}
