/** Programs that nobody here wrote, installed on the first run. Each throws, with what the installer said, where it cannot be had. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const cache = fileURLToPath(new URL("../../../.cache", import.meta.url));
const zipkinVersion = "3.5.1";
const schemathesisVersion = "4.32.5";

/** The released server's executable jar; it needs Java 17. */
export function installZipkinServer(): string {
  const folder = `${cache}/zipkin-${zipkinVersion}`;
  const jar = `${folder}/zipkin-server-exec.jar`;
  if (existsSync(jar)) return jar;
  mkdirSync(folder, { recursive: true });
  run(
    "mvn",
    "-q",
    "-B",
    "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy",
    `-Dartifact=io.zipkin:zipkin-server:${zipkinVersion}:jar:exec`,
    `-DoutputDirectory=${folder}`,
    "-Dmdep.stripVersion=true",
  );
  return jar;
}

/** Folder of the real user interface. Maven Central carries it only inside the server's jar. */
export function installLens(): string {
  const folder = `${cache}/zipkin-${zipkinVersion}/lens`;
  if (existsSync(`${folder}/index.html`)) return folder;
  const server = installZipkinServer();
  const work = `${cache}/zipkin-${zipkinVersion}/unpack`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const lens = `zipkin-lens-${zipkinVersion}.jar`;
  run("unzip", "-q", "-j", server, `BOOT-INF/lib/${lens}`, "-d", work);
  run("unzip", "-q", `${work}/${lens}`, "zipkin-lens/*", "-d", work);
  rmSync(folder, { recursive: true, force: true });
  renameSync(`${work}/zipkin-lens`, folder);
  rmSync(work, { recursive: true });
  return folder;
}

/** Debian's browser. */
export function installChromium(): string {
  const binary = "/usr/bin/chromium";
  if (existsSync(binary)) return binary;
  run("apt-get", "update", "-qq");
  run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium");
  if (!existsSync(binary)) throw new Error(`the package chromium has brought no ${binary}`);
  return binary;
}

export function installSchemathesis(): string {
  const folder = `${cache}/schemathesis-${schemathesisVersion}`;
  const binary = `${folder}/bin/schemathesis`;
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  run("python3", "-m", "venv", folder);
  run(`${folder}/bin/pip`, "install", "--quiet", `schemathesis==${schemathesisVersion}`);
  return binary;
}

function run(command: string, ...args: readonly string[]): void {
  try {
    execFileSync(command, args, { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
  } catch (error) {
    const output = error instanceof Error && "stdout" in error ? String(error.stdout) : "";
    throw new Error(`${command} ${args.join(" ")} failed: ${output}`, { cause: error });
  }
}
