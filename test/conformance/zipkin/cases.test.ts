import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type RunningZipkin, startZipkin } from "@tracemesh/zipkin";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { normaliseBody, normaliseValue } from "./normalise.ts";
import { type Answer, type Case, Disguise, type Expectation, send } from "./replay.ts";

const folder = join(import.meta.dirname, "cases");
const cases = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name): Case => JSON.parse(readFileSync(join(folder, name), "utf8")));

/** How the server of each group of cases was set up when they were recorded. */
const profiles: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  default: {},
  lenient: { STRICT_TRACE_ID: "false" },
  small: { MEM_MAX_SPANS: "50", AUTOCOMPLETE_KEYS: "environment,region" },
  nosearch: { SEARCH_ENABLED: "false" },
};

test("the corpus is complete", () => {
  expect(cases).toHaveLength(112);
});

describe.each(["mem", "sqlite"])("STORAGE_TYPE=%s", (storage) => {
  describe.each(Object.entries(profiles))("%s", (profile, env) => {
    let zipkin: RunningZipkin;
    beforeAll(async () => {
      zipkin = await startZipkin({
        env: { ...env, STORAGE_TYPE: storage, SQLITE_FILE: ":memory:" },
        port: 0,
        host: "127.0.0.1",
        log: (line) => console.error(line),
      });
    });
    afterAll(() => zipkin.close());

    const own = cases.filter((recorded) => (recorded.profile ?? "default") === profile);
    test.each(own)("$name: $about", async (recorded) => {
      const disguise = new Disguise(Date.now());
      for (const [i, request] of recorded.requests.entries()) {
        const expected = recorded.expect[i];
        if (expected === undefined) throw new Error(`${recorded.name}: nothing expected of ${i}`);
        const base = `http://127.0.0.1:${zipkin.port}`;
        const answer = await send(base, request, folder, disguise);
        check(request.path, answer, expected);
      }
    });
  });
});

function check(path: string, answer: Answer, expected: Expectation): void {
  expect([expected.status].flat(), `${path}: ${answer.text.slice(0, 200)}`).toContain(
    answer.status,
  );
  for (const [name, value] of Object.entries(expected.headers ?? {})) {
    checkHeader(name.toLowerCase(), answer, value);
  }
  const { bodyNormalised = "" } = expected;
  switch (expected.compare ?? "exact") {
    case "exact":
      expect(normaliseBody(path, answer)).toEqual(
        answer.status === 200 ? normaliseValue(path, bodyNormalised) : bodyNormalised,
      );
      return;
    case "subset":
      expect(normaliseBody(path, answer)).toMatchObject(withAnything(bodyNormalised));
      return;
    case "contains":
      for (const text of expected.bodyContains ?? []) expect(answer.text).toContain(text);
      return;
    case "status":
      return;
  }
}

function checkHeader(name: string, { headers }: Answer, value: string | null): void {
  const got = headers[name];
  if (value === null) expect(got, name).toBeUndefined();
  else if (value === "__any__") expect(got, name).toBeDefined();
  else if (name === "content-type") expect(mediaType(String(got))).toBe(mediaType(value));
  else expect(got, name).toBe(value);
}

function mediaType(value: string): string {
  return (value.split(";")[0] ?? "").trim().toLowerCase();
}

/** `__any__` in a recorded value stands for anything that is there, null included. */
function withAnything(value: unknown): Record<string, unknown> {
  const members = Object.entries(value as Record<string, unknown>).map(([key, item]) => {
    if (item === "__any__") return [key, expect.toSatisfy((got) => got !== undefined)];
    const isObject = typeof item === "object" && item !== null && !Array.isArray(item);
    return [key, isObject ? withAnything(item) : item];
  });
  return Object.fromEntries(members);
}
