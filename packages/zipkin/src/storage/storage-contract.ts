import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { encodeSpans } from "../model/encoded-spans.ts";
import { parseTrace, type Span } from "../model/span.ts";
import type { SearchRequest } from "../query/search-request.ts";
import type { Storage, StorageOptions } from "./storage.ts";

export interface ContractOptions extends StorageOptions {
  readonly maxSpans: number;
}

/** Milliseconds: the time around which the spans of these tests lie. */
const T = 1_700_000_000_000;

/** What every store must do. */
export function testStorage(name: string, create: (options: ContractOptions) => Storage): void {
  describe(name, () => {
    let storage: Storage;
    const open = (options: Partial<ContractOptions> = {}): Storage =>
      create({
        strictTraceId: true,
        searchEnabled: true,
        autocompleteKeys: ["env"],
        maxSpans: 1000,
        ...options,
      });
    beforeEach(() => {
      storage = open();
    });
    afterEach(() => storage.close());

    test("gives a trace back as it was stored", () => {
      const spans = [span("1", "a", 0), span("1", "b", 5, { parentId: id("a") })];
      storage.store(encodeSpans(spans));
      expect(spansOf(storage, id("1"))).toEqual(spans);
      expect(storage.trace(id("2"))).toBeUndefined();
    });

    test("keeps an identical report once and a differing one beside it", () => {
      storage.store(encodeSpans([span("1", "a", 0)]));
      storage.store(encodeSpans([span("1", "a", 0), span("1", "a", 0, { tags: { k: "v" } })]));
      expect(spansOf(storage, id("1"))).toHaveLength(2);
      expect(storage.usage().spans).toBe(2);
    });

    test("finds repeats in long traces too", () => {
      const spans = Array.from({ length: 300 }, (_, i) => span("1", (i + 1).toString(16), i));
      storage.store(encodeSpans(spans));
      storage.store(encodeSpans(spans));
      expect(storage.usage().spans).toBe(300);
    });

    test("orders found traces by their newest span in the window", async () => {
      storage.store(encodeSpans([span("1", "a", 0), span("2", "a", 100), span("3", "a", 50)]));
      storage.store(encodeSpans([span("1", "b", 5000, { parentId: id("a") })]));
      expect(await ids(storage, { endTs: T + 10_000 })).toEqual(["1", "2", "3"]);
      expect(await ids(storage, { endTs: T + 4999 })).toEqual(["2", "3", "1"]);
      expect(await ids(storage, { endTs: T + 75 })).toEqual(["3", "1"]);
      expect(await ids(storage, { endTs: T + 10_000, limit: 1 })).toEqual(["1"]);
    });

    test("looks past a later span of the same second", async () => {
      storage.store(encodeSpans([span("1", "a", 10), span("1", "b", 900, { parentId: id("a") })]));
      expect(await ids(storage, { endTs: T + 500 })).toEqual(["1"]);
      expect(await ids(storage, { endTs: T + 5 })).toEqual([]);
    });

    test("finds nothing after the window of the root", async () => {
      storage.store(encodeSpans([span("1", "a", 0), span("1", "b", 9000, { parentId: id("a") })]));
      expect(await ids(storage, { endTs: T + 10_000, lookback: 2000 })).toEqual([]);
    });

    test("matches names, durations, tags and annotations within the service", async () => {
      storage.store(
        encodeSpans([
          span("1", "a", 0, {
            name: "get",
            duration: 100,
            tags: { "http.method": "GET", error: "" },
            annotations: [{ timestamp: T * 1000, value: "retried" }],
            remoteEndpoint: { serviceName: "db" },
          }),
          span("1", "b", 1, {
            localEndpoint: { serviceName: "other" },
            name: "put",
            duration: 9000,
          }),
          span("2", "a", 2, { name: "put" }),
        ]),
      );
      const find = (request: Partial<SearchRequest>) =>
        ids(storage, { serviceName: "svc", ...request });
      expect(await find({})).toEqual(["2", "1"]);
      expect(await find({ spanName: "get" })).toEqual(["1"]);
      expect(await find({ spanName: "put" })).toEqual(["2"]);
      expect(await find({ spanName: "never seen" })).toEqual([]);
      expect(await find({ remoteServiceName: "db" })).toEqual(["1"]);
      expect(await find({ minDuration: 100 })).toEqual(["1"]);
      expect(await find({ minDuration: 101 })).toEqual([]);
      expect(await find({ minDuration: 1, maxDuration: 99 })).toEqual([]);
      expect(await find({ annotationQuery: new Map([["http.method", "GET"]]) })).toEqual(["1"]);
      expect(await find({ annotationQuery: new Map([["http.method", "POST"]]) })).toEqual([]);
      expect(await find({ annotationQuery: new Map([["error", ""]]) })).toEqual(["1"]);
      expect(await find({ annotationQuery: new Map([["retried", ""]]) })).toEqual(["1"]);
      expect(await ids(storage, { serviceName: "other" })).toEqual(["1"]);
      expect(await ids(storage, { serviceName: "nobody" })).toEqual([]);
    });

    test("scans thousands of traces and returns each match once", async () => {
      await storage.close();
      storage = open({ maxSpans: 10_000 });
      const spans = Array.from({ length: 5000 }, (_, i) =>
        span((i + 1).toString(16), "a", 0, { tags: { n: String(i % 2500) } }),
      );
      storage.store(encodeSpans(spans));
      const found = await ids(storage, { annotationQuery: new Map([["n", "7"]]), limit: 100 });
      expect(found.toSorted()).toEqual(["8", "9cc"].toSorted());
    });

    test("takes its turns without missing or repeating a trace", async () => {
      await storage.close();
      storage = open({ maxSpans: 10_000 });
      // All have to be opened, as the other service's span is long; all are hidden behind that later span.
      const traces = Array.from({ length: 2000 }, (_, i) => {
        const traceId = (i + 1).toString(16);
        return [
          span(traceId, "a", i % 300, { duration: i % 500 === 7 ? 60 : 5 }),
          span(traceId, "b", 900, { duration: 100, localEndpoint: { serviceName: "other" } }),
        ];
      });
      storage.store(encodeSpans(traces.flat()));
      const slow = { serviceName: "svc", minDuration: 50, endTs: T + 500 };
      const found = [7, 507, 1007, 1507].toSorted((a, b) => (b % 300) - (a % 300) || b - a);
      expect(await ids(storage, slow)).toEqual(found.map((i) => (i + 1).toString(16)));
    });

    test("finds what has to be escaped in JSON", async () => {
      const tags = { 'a"b': "c\\d", é: "ü\n", "": "x" };
      const annotations = [{ timestamp: 1, value: 'said "\u2028"' }];
      storage.store(encodeSpans([span("1", "a", 0, { tags, annotations }), span("2", "a", 1)]));
      const conditions = [...Object.entries(tags), ...Object.keys(tags).map((key) => [key, ""])];
      for (const [key = "", value = ""] of [...conditions, ['said "\u2028"', ""]]) {
        const annotationQuery = new Map([[key, value]]);
        expect(await ids(storage, { annotationQuery }), `${key}=${value}`).toEqual(["1"]);
        expect(await ids(storage, { annotationQuery: new Map([[key, `${value}!`]]) })).toEqual([]);
      }
    });

    test("lists names while their service has a trace", () => {
      storage.store(
        encodeSpans([span("1", "a", 0, { name: "get", remoteEndpoint: { serviceName: "db" } })]),
      );
      expect(storage.serviceNames()).toEqual(["svc"]);
      expect(storage.spanNames("svc")).toEqual(["get"]);
      expect(storage.remoteServiceNames("svc")).toEqual(["db"]);
      expect(storage.spanNames("db")).toEqual([]);
    });

    test("evicts whole traces, the one with the oldest span first, whatever the order of arrival", () => {
      const small = open({ maxSpans: 4 });
      const other = { localEndpoint: { serviceName: "gone" } };
      small.store(
        encodeSpans([span("2", "a", 20), span("1", "a", 10, other), span("1", "b", 500, other)]),
      );
      small.store(encodeSpans([span("3", "a", 5), span("4", "a", 30)]));
      expect(small.trace(id("1"))).toBeUndefined();
      expect(spansOf(small, id("2"))).toHaveLength(1);
      expect(small.serviceNames()).toEqual(["svc"]);
      expect(small.usage()).toMatchObject({ spans: 3, evictedSpans: 2, evictedTraces: 1 });
      return small.close();
    });

    test("keeps within its bound even when one batch is larger", () => {
      const small = open({ maxSpans: 10 });
      small.store(
        encodeSpans(Array.from({ length: 25 }, (_, i) => span((i + 1).toString(16), "a", i))),
      );
      expect(small.usage().spans).toBe(10);
      expect(spansOf(small, id("19"))).toHaveLength(1);
      return small.close();
    });

    test("keeps autocomplete values of evicted traces", () => {
      const small = open({ maxSpans: 1 });
      small.store(encodeSpans([span("1", "a", 0, { tags: { env: "prod", other: "x" } })]));
      small.store(encodeSpans([span("2", "a", 1, { tags: { env: "dev" } })]));
      expect(small.autocompleteValues("env")).toEqual(["dev", "prod"]);
      expect(small.autocompleteValues("other")).toEqual([]);
      return small.close();
    });

    test("adds up links and corrects them when more of a trace arrives", async () => {
      const client = span("1", "a", 0, {
        kind: "CLIENT",
        remoteEndpoint: { serviceName: "guess" },
      });
      storage.store(encodeSpans([client]));
      const link = (child: string) => ({ parent: "svc", child, callCount: 1 });
      expect(await storage.dependencies(T + 1000, 2000)).toEqual([link("guess")]);
      const server = { kind: "SERVER", parentId: id("a") } as const;
      storage.store(
        encodeSpans([span("1", "b", 1, { ...server, localEndpoint: { serviceName: "true" } })]),
      );
      expect(await storage.dependencies(T + 1000, 2000)).toEqual([link("true")]);
      expect(await storage.dependencies(T - 1000, 2000)).toEqual([]);
    });

    test("keeps the two widths of an id apart only when ids are strict", async () => {
      const wide = `${id("f")}${id("1")}`;
      const both = [span("1", "a", 0), { ...span("1", "b", 1), traceId: wide }];
      storage.store(encodeSpans(both));
      expect(spansOf(storage, wide)).toEqual([both[1]]);
      expect(await storage.search(request({}))).toHaveLength(2);
      const lenient = open({ strictTraceId: false });
      lenient.store(encodeSpans(both));
      expect(spansOf(lenient, wide)).toHaveLength(2);
      expect(await lenient.search(request({}))).toHaveLength(1);
      return lenient.close();
    });

    test("without search knows no names but finds traces by id", async () => {
      const plain = open({ searchEnabled: false });
      plain.store(encodeSpans([span("1", "a", 0, { name: "get", tags: { env: "prod" } })]));
      expect(await plain.search(request({}))).toEqual([]);
      expect(plain.serviceNames()).toEqual([]);
      expect(plain.spanNames("svc")).toEqual([]);
      expect(spansOf(plain, id("1"))).toHaveLength(1);
      return plain.close();
    });
  });
}

function id(digits: string): string {
  return digits.padStart(16, "0");
}

function span(traceId: string, spanId: string, offsetMs: number, more: Partial<Span> = {}): Span {
  const { parentId, kind, name, duration, localEndpoint, ...rest } = more;
  return {
    traceId: id(traceId),
    ...(parentId === undefined ? {} : { parentId }),
    id: id(spanId),
    ...(kind === undefined ? {} : { kind }),
    ...(name === undefined ? {} : { name }),
    timestamp: (T + offsetMs) * 1000,
    ...(duration === undefined ? {} : { duration }),
    localEndpoint: localEndpoint ?? { serviceName: "svc" },
    ...rest,
  };
}

function request(more: Partial<SearchRequest>): SearchRequest {
  return { annotationQuery: new Map(), endTs: T + 60_000, lookback: 120_000, limit: 10, ...more };
}

async function ids(storage: Storage, more: Partial<SearchRequest>): Promise<string[]> {
  const traces = await storage.search(request(more));
  return traces.map((trace) => parseTrace(trace)[0]?.traceId.replace(/^0+/, "") ?? "");
}

/** Of one trace; none when it is unknown. */
export function spansOf(storage: Storage, traceId: string): readonly Span[] {
  const trace = storage.trace(traceId);
  return trace === undefined ? [] : parseTrace(trace);
}
