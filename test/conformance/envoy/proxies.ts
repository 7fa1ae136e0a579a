/** The two proxies that a case can run against, as command lines. */
import { fileURLToPath } from "node:url";
import { installRealEnvoy } from "./real-envoy.ts";
import type { ProxyCommand } from "./rig/proxy-process.ts";

const main = fileURLToPath(new URL("../../../packages/envoy/src/main.ts", import.meta.url));

export const ourProxy: ProxyCommand = (config, args) => [
  process.execPath,
  main,
  "-c",
  config,
  ...args,
];

export function realEnvoy(): ProxyCommand {
  const binary = installRealEnvoy();
  const fixed = ["--concurrency", "1", "--disable-hot-restart", "-l", "warning"];
  return (config, args) => [binary, "-c", config, ...fixed, ...args];
}
