import fc from "fast-check";
import { expect, test } from "vitest";
import { TimeIndex } from "./time-index.ts";
import { TraceTable } from "./trace-table.ts";

interface Step {
  /** Insert, delete the oldest, or delete any. */
  readonly act: "insert" | "shift" | "delete";
  readonly time: number;
  readonly row: number;
}

const rows = 40;

/** Runs of steps, so that chunks fill and empty at either end. */
const runs = (times: fc.Arbitrary<number>): fc.Arbitrary<Step[]> =>
  fc
    .array(
      fc.record({
        act: fc.constantFrom<Step["act"]>("insert", "insert", "shift", "delete"),
        time: times,
        row: fc.nat(rows - 1),
        repeat: fc.nat(400),
        stride: fc.integer({ min: -1, max: 2 }),
      }),
      { maxLength: 12 },
    )
    .map((parts) =>
      parts.flatMap(({ repeat, stride, time, row, act }) =>
        Array.from({ length: repeat }, (_, i) => ({
          act,
          time: time + i * stride,
          row: (row + i * 7) % rows,
        })),
      ),
    );

test.each([
  ["near each other", 50],
  ["far apart", 5000],
])("is a sorted set, whatever comes and goes: times %s", (_, range) => {
  fc.assert(
    fc.property(runs(fc.integer({ min: 1000, max: 1000 + range })), (steps) => {
      const traces = new TraceTable();
      // Ids fall as rows rise: the order is that of the ids.
      for (let i = 0; i < rows; i++) traces.add(1, rows - i);
      const index = new TimeIndex(traces);
      const model = new Set<string>();
      const key = (time: number, row: number) =>
        `${String(time).padStart(6, "0")} ${String(rows - row).padStart(2, "0")}`;
      const sorted = () => [...model].sort();
      for (const { act, time, row } of steps) {
        if (act === "shift") {
          const first = index.first();
          if (first === undefined) continue;
          model.delete(key(first.time, first.row));
          expect(index.delete(first.time, first.row)).toBe(true);
        } else if (act === "insert") {
          expect(index.insert(time, row)).toBe(!model.has(key(time, row)));
          model.add(key(time, row));
        } else expect(index.delete(time, row)).toBe(model.delete(key(time, row)));
      }
      const found = Array.from(index.descending(9_999_999, -1), (entry) =>
        key(entry.time, entry.row),
      );
      expect(found.reverse()).toEqual(sorted());
      expect(index.size).toBe(model.size);
      const first = index.first();
      expect(first && key(first.time, first.row)).toBe(sorted()[0]);
    }),
    { numRuns: 200 },
  );
});
