import { describe, expect, test } from "vitest";
import { flags } from "./command-line-flags.ts";
import { type Options, parseOptions } from "./options.ts";

function options(...argv: string[]): Options {
  const parsed = parseOptions(argv);
  if (!parsed.ok) throw new Error(parsed.text);
  return parsed.options;
}

function refusal(...argv: string[]): string {
  const parsed = parseOptions(argv);
  if (parsed.ok || parsed.status !== 1) throw new Error("expected a refusal with status 1");
  return parsed.text;
}

describe("parseOptions", () => {
  test("reads what the runtime needs", () => {
    expect(
      options(
        ..."-c envoy.yaml --service-cluster front --service-node front-1 --service-zone z".split(
          " ",
        ),
        ..."--concurrency 2 -l warn --drain-time-s 7 --base-id 3 --mode validate".split(" "),
        ..."--log-path envoy.log --config-yaml {}".split(" "),
      ),
    ).toEqual({
      configPath: "envoy.yaml",
      configYaml: "{}",
      mode: "validate",
      serviceCluster: "front",
      serviceNode: "front-1",
      serviceZone: "z",
      concurrency: 2,
      logLevel: "warning",
      logPath: "envoy.log",
      drainTimeS: 7,
      baseId: 3,
    });
  });

  test("has Envoy's defaults", () => {
    expect(options("--config-path", "a.yaml")).toEqual({
      configPath: "a.yaml",
      mode: "serve",
      logLevel: "info",
      drainTimeS: 600,
      baseId: 0,
    });
  });

  test("accepts every flag that has no effect", () => {
    const argv = flags
      .filter(({ noEffect }) => noEffect !== undefined)
      .flatMap(({ name, value }) => (value === undefined ? [`--${name}`] : [`--${name}`, "1"]));
    expect(options("-c", "a.yaml", ...argv).configPath).toBe("a.yaml");
  });

  test("refuses every flag whose feature is missing, by its name", () => {
    for (const { name, value } of flags.filter(({ unsupported }) => unsupported !== undefined)) {
      expect(refusal(`--${name}`, ...(value === undefined ? [] : ["x"]))).toContain(
        `--${name} is not supported here`,
      );
    }
  });

  // Texts as Envoy 1.40.0 prints them.
  test.each([
    [
      ["-c", "a", "-c", "b"],
      "PARSE ERROR: Argument: -c (--config-path)\n             Argument already set!\n",
    ],
    [
      ["--base-id", "1", "--base-id", "2"],
      "Argument: (--base-id)\n             Argument already set!\n",
    ],
    [["--frobnicate"], "Argument: --frobnicate\n             Couldn't find match for argument\n"],
    [["stray"], "Argument: stray\n             Couldn't find match for argument\n"],
    [
      ["--config-path=a"],
      "Argument: --config-path=a\n             Couldn't find match for argument\n",
    ],
    [["-"], "Argument: -\n             Couldn't find match for argument\n"],
    [["-c"], "Argument: -c (--config-path)\n             Missing a value for this argument!\n"],
    [
      ["--concurrency", "abc"],
      "Argument: (--concurrency)\n             Couldn't read argument value from string 'abc'\n",
    ],
    [["--mode", "foo"], "error: unknown mode 'foo'"],
    [["-l", "loud"], "error: invalid log level specified 'loud'"],
  ])("refuses %j as Envoy does", (argv, text) => {
    expect(refusal(...argv)).toContain(text);
  });

  test("prints help and version with status 0", () => {
    const help = parseOptions(["-h"]);
    expect(help).toMatchObject({ ok: false, status: 0 });
    for (const { name } of flags)
      expect(help).toMatchObject({ text: expect.stringContaining(`--${name}`) });
    expect(parseOptions(["--version"])).toMatchObject({
      status: 0,
      text: expect.stringContaining("1.40.0"),
    });
  });

  test("leaves what follows -- alone", () => {
    expect(options("-c", "a.yaml", "--", "--frobnicate").configPath).toBe("a.yaml");
  });
});
