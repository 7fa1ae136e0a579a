import type { SpanWriter } from "./span-writer.ts";

/** More make a span unusual. */
const MAX_ANNOTATIONS = 64;

const text = {
  begin: Buffer.from(',"annotations":[{"timestamp":'),
  value: Buffer.from(',"value":"'),
  next: Buffer.from('"},{"timestamp":'),
  end: Buffer.from('"}]'),
} as const;

/** The annotations of one span, in the order of their times; texts in offsets of its body. */
export class UsualAnnotations {
  private readonly timestamps = new Float64Array(MAX_ANNOTATIONS);
  private readonly values = new Int32Array(MAX_ANNOTATIONS);
  private readonly valueEnds = new Int32Array(MAX_ANNOTATIONS);
  private size = 0;

  clear(): void {
    this.size = 0;
  }

  /** False for one too many, one that says nothing, and one that is not later than all before. */
  add(timestamp: number, value: number, valueEnd: number): boolean {
    const { timestamps, size } = this;
    const before = size === 0 ? 0 : (timestamps[size - 1] ?? 0);
    if (size === MAX_ANNOTATIONS || timestamp <= before || valueEnd <= value) return false;
    timestamps[size] = timestamp;
    this.values[size] = value;
    this.valueEnds[size] = valueEnd;
    this.size = size + 1;
    return true;
  }

  /** False when one is not in plain text. */
  write(writer: SpanWriter, bytes: Buffer): boolean {
    const { size } = this;
    if (size === 0) return true;
    for (let i = 0; i < size; i++) {
      writer.putAll(i === 0 ? text.begin : text.next);
      writer.putNumber(this.timestamps[i] ?? 0);
      writer.putAll(text.value);
      if (!writer.putText(bytes, this.values[i] ?? 0, this.valueEnds[i] ?? 0)) return false;
    }
    writer.putAll(text.end);
    return true;
  }
}
