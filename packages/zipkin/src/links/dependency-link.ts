/** Calls between two services, as `/api/v2/dependencies` answers. */
export interface DependencyLink {
  readonly parent: string;
  readonly child: string;
  readonly callCount: number;
  readonly errorCount?: number;
}

/** One call found in a trace. */
export interface Call {
  readonly parent: string;
  readonly child: string;
  readonly isError: boolean;
  /** Microseconds: the called side's span, else the caller's; absent when neither says. */
  readonly duration?: number | undefined;
}

/** Adds calls up by their two ends, in order of first sight. */
export function sumCalls(calls: Iterable<Call>): DependencyLink[] {
  const links = new Map<string, { parent: string; child: string; calls: number; errors: number }>();
  for (const { parent, child, isError } of calls) {
    const key = JSON.stringify([parent, child]);
    let link = links.get(key);
    if (link === undefined) {
      link = { parent, child, calls: 0, errors: 0 };
      links.set(key, link);
    }
    link.calls++;
    if (isError) link.errors++;
  }
  return Array.from(links.values(), ({ parent, child, calls, errors }) => ({
    parent,
    child,
    callCount: calls,
    ...(errors > 0 ? { errorCount: errors } : {}),
  }));
}
