import { probeHttp } from "../mesh/health.ts";

/** `tracemesh health URL`: the health check of a container. Exit status 0 when the answer is 2xx, else 1. */
export async function health(url: string): Promise<number> {
  if (!/^http:\/\/[^/]+/.test(url) || !URL.canParse(url)) {
    process.stderr.write(`an http:// address is expected, got "${url}"\n`);
    return 1;
  }
  const { healthy, reason } = await probeHttp(url);
  if (!healthy) process.stderr.write(`${url}: ${reason}\n`);
  return healthy ? 0 : 1;
}
