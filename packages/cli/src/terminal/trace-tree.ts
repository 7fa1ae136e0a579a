import { printable, type Styles } from "./styles.ts";
import { buildTraceTree, type TraceNode, type TraceSpan, type TraceTree } from "./trace-model.ts";

interface Row {
  readonly label: string;
  readonly kind: string;
  readonly duration: string;
  readonly notes: string;
}

// Beyond this a drawing helps nobody; the store's page shows the trace.
const maxDrawnSpans = 300;
const maxLabelChars = 72;

/** A finished trace as lines for the terminal: a headline, then the tree of its spans. */
export function drawTrace(spans: readonly TraceSpan[], styles: Styles): readonly string[] {
  if (spans.length === 0) return [];
  if (spans.length > maxDrawnSpans) {
    return [`trace ${printable(spans[0]?.traceId ?? "")}  ${spans.length} spans, too many to draw`];
  }
  const tree = buildTraceTree(spans);
  const rows: Row[] = [];
  for (const root of tree.roots) addRows(root, "", "", rows);
  for (const [parentId, orphans] of tree.missingParents) {
    rows.push({
      label: `(span ${printable(parentId)} is missing)`,
      kind: "",
      duration: "",
      notes: "named as parent, never reported",
    });
    for (const [index, orphan] of orphans.entries()) {
      addBranch(orphan, "", index === orphans.length - 1, rows);
    }
  }
  const labelWidth = Math.max(...rows.map(({ label }) => label.length));
  const kindWidth = Math.max(...rows.map(({ kind }) => kind.length));
  const durationWidth = Math.max(...rows.map(({ duration }) => duration.length));
  const lines = rows.map(({ label, kind, duration, notes }) => {
    const columns = `${label.padEnd(labelWidth)}  ${kind.padEnd(kindWidth)}  ${duration.padStart(durationWidth)}`;
    const wrong = notes.startsWith("error") || notes.startsWith("named");
    return `  ${columns}  ${wrong ? styles.error(notes) : styles.dim(notes)}`.trimEnd();
  });
  return [headline(tree, styles), ...lines];
}

function headline(tree: TraceTree, styles: Styles): string {
  const { spanCount, serviceCount, roots, missingParents } = tree;
  const whole = roots.length === 1 && missingParents.size === 0;
  const verdict = whole
    ? styles.good("complete")
    : styles.error(
        missingParents.size > 0
          ? `${count(missingParents.size, "parent")} missing`
          : `${count(roots.length, "root")}, one expected`,
      );
  const parts = [
    `${styles.bold(`trace ${printable(tree.traceId)}`)}`,
    count(spanCount, "span"),
    count(serviceCount, "service"),
    verdict,
  ];
  return parts.join("  ");
}

function addRows(node: TraceNode, branch: string, indent: string, rows: Row[]): void {
  rows.push(row(node.span, branch));
  for (const [index, child] of node.children.entries()) {
    addBranch(child, indent, index === node.children.length - 1, rows);
  }
}

function addBranch(node: TraceNode, indent: string, last: boolean, rows: Row[]): void {
  addRows(node, `${indent}${last ? "└─ " : "├─ "}`, `${indent}${last ? "   " : "│  "}`, rows);
}

function row(span: TraceSpan, branch: string): Row {
  const service = printable(span.localEndpoint?.serviceName ?? "(no service)");
  const name = printable(span.name ?? "(no name)");
  const label = `${branch}${service}: ${name}`;
  const notes: string[] = [];
  const error = span.tags?.["error"];
  if (error !== undefined) {
    const status = span.tags?.["http.status_code"];
    const why = error === "" || error === "true" ? (status ? `status ${status}` : "") : error;
    notes.push(`error${why === "" ? "" : `: ${printable(why).slice(0, maxLabelChars)}`}`);
  }
  if (span.shared) notes.push("same span, server's half");
  return {
    label: label.length > maxLabelChars ? `${label.slice(0, maxLabelChars - 1)}…` : label,
    kind: span.kind ?? "LOCAL",
    duration: span.duration === undefined ? "unfinished" : formatMicros(span.duration),
    notes: notes.join("; "),
  };
}

export function formatMicros(micros: number): string {
  if (micros < 1000) return `${micros} µs`;
  if (micros < 1_000_000) return `${(micros / 1000).toFixed(1)} ms`;
  return `${(micros / 1_000_000).toFixed(2)} s`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}
