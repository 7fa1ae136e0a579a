/** The part of a writable stream that is needed here. */
export interface Sink {
  write(text: string): boolean;
  readonly writableNeedDrain?: boolean;
}

/**
 * Writes lines, and drops them while the terminal cannot follow: a stalled pipe must not fill our memory.
 * How many were dropped is said with the next line that gets through.
 */
export function createOutput(sink: Sink): (lines: readonly string[]) => void {
  let dropped = 0;
  return (lines) => {
    if (sink.writableNeedDrain) {
      dropped += lines.length;
      return;
    }
    if (dropped > 0) sink.write(`… ${dropped} lines left out: the terminal was too slow\n`);
    dropped = 0;
    if (lines.length > 0) sink.write(`${lines.join("\n")}\n`);
  };
}
