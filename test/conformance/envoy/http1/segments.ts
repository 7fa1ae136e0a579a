/** Bytes as the corpora write them: latin-1 text, in which long runs of one character are counted. */
export type Segments =
  | string
  | readonly (string | { readonly repeat: string; readonly times: number })[];

export function toText(segments: Segments): string {
  if (typeof segments === "string") return segments;
  return segments.map((s) => (typeof s === "string" ? s : s.repeat.repeat(s.times))).join("");
}

/** Characters in a row that are worth counting. */
const longRun = /(.)\1{199,}/gs;

export function toSegments(text: string): Segments {
  const segments: (string | { repeat: string; times: number })[] = [];
  let last = 0;
  for (const match of text.matchAll(longRun)) {
    if (match.index > last) segments.push(text.slice(last, match.index));
    segments.push({ repeat: match[1] as string, times: match[0].length });
    last = match.index + match[0].length;
  }
  if (last === 0) return text;
  if (last < text.length) segments.push(text.slice(last));
  return segments;
}
