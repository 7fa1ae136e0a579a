import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { main } from "./main.ts";
import { runProxy } from "./proxy.ts";
import { at } from "./test-manifests.ts";

const golden = fileURLToPath(new URL("../goldens/bookinfo-all-v1.yaml", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "istio-main-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function recorder(signal?: AbortSignal) {
  const printed = { out: "", err: "" };
  const io = {
    out: (text: string) => {
      printed.out += text;
    },
    err: (text: string) => {
      printed.err += text;
    },
    ...(signal === undefined ? {} : { signal }),
  };
  return { printed, io };
}

test("render prints YAML with the ports that were asked for", async () => {
  const { printed, io } = recorder();
  const flags = ["--inbound-port", "1", "--outbound-port", "2", "--admin-port", "3"];
  expect(await main(["render", golden, "--workload", "productpage-v1", ...flags], io)).toBe(0);
  const bootstrap: unknown = parse(printed.out);
  const port = (...path: (string | number)[]) =>
    at(bootstrap, ...path, "address", "socket_address", "port_value");
  expect(port("admin")).toBe(3);
  expect(port("static_resources", "listeners", 0)).toBe(2);
  expect(port("static_resources", "listeners", 1)).toBe(1);
});

test.each([
  [["render", golden], 2, "render needs --workload NAME"],
  [
    ["render", golden, "--workload", "nobody"],
    1,
    'unknown workload "nobody": the manifests have default/productpage-v1',
  ],
  [["paint", golden], 2, '"paint" is not a command'],
  [["render", golden, "--workload", "productpage-v1", "--admin-port", "x"], 2, "--admin-port"],
  [["analyze", join(folder, "missing.yaml")], 1, "ENOENT"],
])("%j ends with %i and says why", async (argv, status, message) => {
  const { printed, io } = recorder();
  expect(await main(argv, io)).toBe(status);
  expect(printed.err).toContain(message);
});

test("analyze prints findings and ends with 1 on errors", async () => {
  const file = join(folder, "typo.yaml");
  writeFileSync(
    file,
    readFileSync(golden, "utf8").replace("host: reviews, subset", "host: reveiws, subset"),
  );
  const { printed, io } = recorder();
  expect(await main(["analyze", file], io)).toBe(1);
  expect(printed.out).toContain('error [IST0101] unknown host "reveiws"');
});

test("a proxy reloads a good edit and keeps its configuration through a bad one", async () => {
  const file = join(folder, "live.yaml");
  copyFileSync(golden, file);
  const text = readFileSync(golden, "utf8");
  const stop = new AbortController();
  const { printed, io } = recorder(stop.signal);
  const loaded: string[] = [];
  const close = vi.fn(async () => {});
  const started = Promise.withResolvers<void>();
  const running = runProxy(
    { command: "proxy", files: [file], workload: "productpage-v1", options: {} },
    io,
    async () => {
      started.resolve();
      return { reload: async (text) => void loaded.push(text), close };
    },
  );
  await started.promise;
  // The watch begins as soon as the proxy runs; the write is repeated until it is seen.
  await vi.waitFor(
    () => {
      writeFileSync(file, text.replace("host: reviews, subset: v1", "host: reviews, subset: v3"));
      expect(printed.err).toContain("new configuration in force");
    },
    { timeout: 10_000, interval: 400 },
  );
  expect(loaded.at(-1)).toContain("outbound|9080|v3|reviews.default.svc.cluster.local");
  const before = loaded.length;
  writeFileSync(file, text.replace("host: reviews, subset: v1", "host: reviews, subset: v9"));
  await vi.waitFor(() => expect(printed.err).toContain("the configuration stays as it was"), {
    timeout: 10_000,
  });
  expect(printed.err).toContain('unknown subset "v9"');
  expect(loaded).toHaveLength(before);
  stop.abort();
  expect(await running).toBe(0);
  expect(close).toHaveBeenCalledOnce();
});
