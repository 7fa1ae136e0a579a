import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ReportStreamEvents } from "../report-stream.ts";
import { Segment } from "./segment.ts";
import { StreamingReporter } from "./segment-reporter.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp(maxCached: number): {
  reporter: StreamingReporter;
  attempts: ReportStreamEvents[];
  messages: Buffer[];
  counts: Record<string, number>;
  connect: (attempt: number, writable?: boolean) => { ended: boolean };
} {
  const attempts: ReportStreamEvents[] = [];
  const messages: Buffer[] = [];
  const counts: Record<string, number> = { sent: 0, dropped: 0, flushed: 0, cacheFlushed: 0 };
  const counter = (name: string) => ({
    add(by: number): void {
      counts[name] = (counts[name] ?? 0) + by;
    },
  });
  const reporter = new StreamingReporter({
    streams: {
      open: (_cluster, _call, events) => {
        attempts.push(events);
        return { cancel: () => undefined };
      },
    },
    cluster: "skywalking",
    call: { path: "/collect", host: "skywalking", headers: [] },
    maxCached,
    random: () => 499,
    sent: counter("sent"),
    dropped: counter("dropped"),
    flushed: counter("flushed"),
    cacheFlushed: counter("cacheFlushed"),
  });
  const connect = (attempt: number, writable = true): { ended: boolean } => {
    const state = { ended: false };
    attempts[attempt]?.onOpen({
      send: (message) => {
        messages.push(message);
        return writable;
      },
      end: () => {
        state.ended = true;
      },
    });
    return state;
  };
  return { reporter, attempts, messages, counts, connect };
}

const segment = (): Segment => {
  const owner = { service: "s", instance: "i", report: () => undefined };
  return new Segment(owner, "trace", "segment", undefined);
};

describe("segments", () => {
  test("wait for the collector, the oldest give way to the newest", () => {
    const { reporter, messages, counts, connect } = setUp(2);
    for (let i = 0; i < 5; i++) reporter.report(segment());
    expect(counts["dropped"]).toBe(3);
    connect(0);
    expect(messages).toHaveLength(2);
    expect(counts).toMatchObject({ sent: 2, flushed: 2, cacheFlushed: 1 });
    reporter.report(segment());
    expect(counts).toMatchObject({ sent: 3, flushed: 2 });
  });

  test("wait while the stream is full", () => {
    const { reporter, attempts, messages, connect } = setUp(10);
    connect(0, false);
    for (let i = 0; i < 3; i++) reporter.report(segment());
    expect(messages).toHaveLength(1);
    attempts[0]?.onWritable();
    expect(messages).toHaveLength(2);
  });

  test("go to a new stream after the old one broke", async () => {
    const { reporter, attempts, messages, connect } = setUp(10);
    connect(0);
    attempts[0]?.onClosed();
    reporter.report(segment());
    expect(messages).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(500);
    expect(attempts).toHaveLength(2);
    connect(1);
    expect(messages).toHaveLength(1);
  });

  test("are confirmed at the end", async () => {
    const { reporter, attempts, connect } = setUp(10);
    const stream = connect(0);
    const closed = reporter.close(60_000);
    expect(stream.ended).toBe(true);
    attempts[0]?.onClosed();
    await closed;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(attempts).toHaveLength(1);
  });
});
