/** Hides what time and chance decide: digits between marks, and numbers of JSON under keys that say so. */

export function markChanging(text: string): string {
  return `<n:${text}:n>`;
}

/** A JSON number cannot hold marks: its key says that it changes. */
export const changingKey = "n_";

export function maskChanging(text: string): string {
  return (
    text
      .replace(/<n:(.*?):n>/gs, (_, inner: string) => `<n:${maskText(inner)}:n>`)
      // A mark that a length cut off.
      .replace(/<n:[\w.:+-]*(?!.*?:n>)/g, "<n:cut")
      .replace(
        /("n_\w+":)("(?:[^"\\]|\\.)*"|[\d.]+)/g,
        (_, key: string, value: string) => key + maskText(value),
      )
  );
}

function maskText(text: string): string {
  return text
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "<uuid>")
    .replace(/[0-9a-f]{32}|[0-9a-f]{16}/g, "<id>")
    .replace(/\d+/g, "9");
}

/** The same in every string of a tree; and how long the upstream took, to which a rule may have added. */
export function maskTree(value: unknown): unknown {
  if (typeof value === "string") return maskChanging(value);
  if (isServiceTime(value)) return [value[0], maskText(maskChanging(value[1]))];
  if (Array.isArray(value)) return value.map(maskTree);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskTree(item)]));
}

function isServiceTime(value: unknown): value is readonly [string, string] {
  return Array.isArray(value) && value.length === 2 && value[0] === "x-envoy-upstream-service-time";
}
