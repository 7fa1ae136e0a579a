/**
 * Loads the static configurations of a checkout of envoyproxy/examples and says of each whether we take it, and whether the real Envoy does:
 * `node scripts/load-examples.ts FOLDER [ENVOY]`. Exit status 1 when a Zipkin one is refused, or an accepted one is refused by Envoy.
 */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeBootstrap } from "../src/config/decode-bootstrap.ts";

interface Verdict {
  readonly file: string;
  readonly isZipkin: boolean;
  /** Features that stand in the way; empty: it loads. */
  readonly missing: readonly string[];
  /** Undefined without an Envoy to ask. */
  readonly envoy: boolean | undefined;
}

function judge(folder: string, file: string, envoy: string | undefined): Verdict {
  const path = join(folder, file);
  const text = readFileSync(path, "utf8");
  const decoded = decodeBootstrap({ path, text });
  const missing = decoded.ok ? [] : decoded.problems.map(({ message }) => feature(message));
  return {
    file,
    isZipkin: text.includes("envoy.config.trace.v3.ZipkinConfig"),
    missing: [...new Set(missing)],
    envoy: envoy === undefined ? undefined : isValid(envoy, path),
  };
}

function feature(message: string): string {
  return message
    .replace(/^known to Envoy but not supported here: /, "")
    .replace(/; supported as .*/, "");
}

function isValid(envoy: string, path: string): boolean {
  const options = ["--mode", "validate", "-l", "critical", "--base-id", "77"];
  return spawnSync(envoy, ["-c", path, ...options], { timeout: 60_000 }).status === 0;
}

function main([folder, envoy]: readonly string[]): number {
  if (folder === undefined) {
    process.stderr.write("usage: node scripts/load-examples.ts FOLDER [ENVOY]\n");
    return 2;
  }
  const verdicts = globSync("**/*.{yaml,yml}", { cwd: folder })
    .filter((file) => /^static_resources:/m.test(readFileSync(join(folder, file), "utf8")))
    .toSorted()
    .map((file) => judge(folder, file, envoy));
  for (const { file, missing, envoy: valid } of verdicts) {
    const stock = valid === undefined ? "" : valid ? " [valid in Envoy]" : " [not valid in Envoy]";
    const ours = missing.length === 0 ? "loads" : `refused: ${missing.join(" | ")}`;
    process.stdout.write(`${file}${stock}: ${ours}\n`);
  }
  const valid = verdicts.filter(({ envoy: stock }) => stock !== false);
  const loaded = valid.filter(({ missing }) => missing.length === 0).length;
  const counts = new Map<string, number>();
  for (const { missing } of valid)
    for (const name of missing) counts.set(name, (counts.get(name) ?? 0) + 1);
  process.stdout.write(
    `\n${loaded} of ${valid.length} stock-valid files load, ${verdicts.length} in all\n`,
  );
  for (const [name, count] of [...counts].toSorted((a, b) => b[1] - a[1]))
    process.stdout.write(`${count} x ${name}\n`);
  const wrong = verdicts.filter(
    ({ isZipkin, missing, envoy: stock }) =>
      (isZipkin && missing.length > 0) || (missing.length === 0 && stock === false),
  );
  for (const { file } of wrong) process.stdout.write(`WRONG VERDICT: ${file}\n`);
  return wrong.length === 0 ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
