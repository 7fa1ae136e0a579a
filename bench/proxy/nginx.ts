/** Debian's nginx as the service behind the proxies and as the collector of their spans: cheap enough not to be what is measured. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export function startNginx(
  folder: string,
  ports: { upstream: number; collector: number },
  core: number,
): ChildProcess {
  mkdirSync(join(folder, "temp"), { recursive: true });
  const config = join(folder, "nginx.conf");
  writeFileSync(
    config,
    `daemon off; master_process off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 100000000; keepalive_timeout 600s; default_type text/plain;
  client_body_temp_path ${folder}/temp; client_max_body_size 100m;
  proxy_temp_path ${folder}/temp; fastcgi_temp_path ${folder}/temp; uwsgi_temp_path ${folder}/temp; scgi_temp_path ${folder}/temp;
  server { listen 127.0.0.1:${ports.upstream} backlog=1024; location / { return 200 "hello\\n"; } }
  server { listen 127.0.0.1:${ports.collector} backlog=1024; location / { return 202; } }
}
`,
  );
  return spawn("taskset", ["-c", String(core), "nginx", "-c", config, "-p", folder], {
    stdio: ["ignore", "ignore", "inherit"],
  });
}
