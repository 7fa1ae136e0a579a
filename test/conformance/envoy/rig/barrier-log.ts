/** The access log of a running proxy, read piece by piece: what a request left in it is there once a later request's line is. */
import { setTimeout as sleep } from "node:timers/promises";
import { stdoutLog } from "./configuration-parts.ts";
import type { ProxyProcess } from "./proxy-process.ts";

export interface BarrierLog {
  /** Lines since the last time, when all that happened before is in them. */
  read(): Promise<readonly string[]>;
}

/** Before the other routes. */
export const barrierRoute: object = {
  match: { prefix: "/barrier/" },
  direct_response: { status: 200 },
};

export const barrierLogger: object = stdoutLog(
  "%REQ(:METHOD)% %REQ(:PATH)% %PROTOCOL% %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %BYTES_RECEIVED% %BYTES_SENT%",
);

/** Arguments of a proxy whose log is waited for. */
export const promptLog: readonly string[] = ["--file-flush-interval-msec", "10"];

/** Milliseconds. */
const patience = 5_000;

/** `port`: of a listener with that route and that logger. */
export function createBarrierLog(proxy: ProxyProcess, port: number): BarrierLog {
  let logged = 0;
  let barriers = 0;
  return {
    read: async () => {
      // The second one comes after all that was under way when the first one came.
      const marks = [`/barrier/${++barriers}`, `/barrier/${++barriers}`];
      for (const mark of marks) await fetch(`http://127.0.0.1:${port}${mark}`);
      const deadline = Date.now() + patience;
      const last = `GET ${marks[1]} HTTP/1.1 200`;
      while (!proxy.stdout.includes(last, logged) && Date.now() < deadline) await sleep(5);
      const text = proxy.stdout.slice(logged);
      logged = proxy.stdout.length;
      return text.split("\n").filter((line) => line !== "" && !line.includes(" /barrier/"));
    },
  };
}
