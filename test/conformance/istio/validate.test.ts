import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  expandManifestPaths,
  hasErrors,
  loadManifests,
  renderWorkload,
  writeYaml,
} from "@tracemesh/istio";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installRealEnvoy } from "../envoy/real-envoy.ts";

const path = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const base = [
  path("deploy/istio"),
  path("deploy/knative/config.yaml"),
  path("deploy/knative/helloworld.yaml"),
];
const variants = [
  ...expandManifestPaths([path("deploy/istio/routes")]).map((file) => [...base, file]),
  [...base, path("deploy/knative/helloworld-v2.yaml")],
  [path("packages/istio/goldens/bookinfo-all-v1.yaml")],
  [path("packages/istio/goldens/every-field.yaml")],
];

let binary = "";
const folder = mkdtempSync(join(tmpdir(), "tracemesh-validate-"));
// A machine without the real Envoy has no judge: the suite fails there, it does not skip.
beforeAll(() => {
  binary = installRealEnvoy();
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(variants.map((files) => ({ name: files.at(-1) ?? "", files })))(
  "$name",
  ({ files }) => {
    test("every workload's configuration is accepted by the real Envoy", () => {
      const { resources, problems } = loadManifests(files);
      expect(hasErrors(problems)).toBe(false);
      const names = [...resources.deployments, ...resources.pods].map(
        ({ metadata }) => `${metadata.namespace ?? "default"}/${metadata.name}`,
      );
      const proxied = names.filter((name) => !name.endsWith("/zipkin"));
      expect(proxied.length).toBeGreaterThan(0);
      for (const name of proxied) {
        const file = join(folder, `${name.replace("/", "-")}.yaml`);
        writeFileSync(file, writeYaml(renderWorkload(resources, name).bootstrap));
        // Into a file: Envoy opens /dev/stdout for its access log, which it cannot when that is a socket.
        const printed = openSync(`${file}.out`, "w");
        execFileSync(binary, ["--mode", "validate", "-c", file, "-l", "error"], {
          stdio: ["ignore", printed, "pipe"],
        });
        closeSync(printed);
        const output = readFileSync(`${file}.out`, "utf8");
        expect(output).toContain(`configuration '${file}' OK`);
      }
    }, 120_000);
  },
);
