/** The access logs of a connection manager. */
import type { AccessLog, AccessLogConfig } from "../config/access-log.ts";
import type { StreamInfo } from "../http/stream-info.ts";
import {
  type AccessLogFilterDependencies,
  type AccessLogTest,
  compileAccessLogFilter,
} from "./access-log-filter.ts";
import { compileLineFormat, type WriteLine } from "./line-format.ts";
import { createFileSink, createStreamSink, createTextSink, type LogSink } from "./log-sink.ts";

/** Called once for every request, when it is over. */
export type LogRequest = (info: StreamInfo) => void;

export interface AccessLogDependencies extends AccessLogFilterDependencies {
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The sinks of a server: logs that name one file share it. */
export class AccessLogSinks {
  readonly #sinks = new Map<string, LogSink>();
  readonly #onError: (message: string) => void;
  readonly #writeStdout: ((text: string) => void) | undefined;

  /** `writeStdout` takes the lines for stdout, where that is not the process's own. */
  constructor(
    onError: (message: string) => void,
    writeStdout: ((text: string) => void) | undefined = undefined,
  ) {
    this.#onError = onError;
    this.#writeStdout = writeStdout;
  }

  get(config: AccessLogConfig): LogSink {
    const key = config.type === "FileAccessLog" ? config.path : streamPaths[config.type];
    let sink = this.#sinks.get(key);
    if (sink === undefined) {
      sink = this.#create(key);
      this.#sinks.set(key, sink);
    }
    return sink;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sinks.values()].map((sink) => sink.close()));
  }

  #create(path: string): LogSink {
    if (path === streamPaths.StdoutAccessLog && this.#writeStdout !== undefined)
      return createTextSink(this.#writeStdout);
    if (path === streamPaths.StdoutAccessLog) return createStreamSink(process.stdout);
    if (path === streamPaths.StderrAccessLog) return createStreamSink(process.stderr);
    return createFileSink(path, this.#onError);
  }
}

const streamPaths = { StdoutAccessLog: "/dev/stdout", StderrAccessLog: "/dev/stderr" } as const;

export function compileAccessLogs(
  configs: readonly AccessLog[],
  sinks: AccessLogSinks,
  dependencies: AccessLogDependencies,
): LogRequest {
  const logs = configs.map(({ config, filter }) => ({
    takes: filter === undefined ? takesAll : compileAccessLogFilter(filter, dependencies),
    write: compileLineFormat(config.logFormat, dependencies.environment),
    sink: sinks.get(config),
  })) satisfies { takes: AccessLogTest; write: WriteLine; sink: LogSink }[];
  return (info) => {
    info.accessLogType ??= "DownstreamEnd";
    for (const { takes, write, sink } of logs) if (takes(info)) sink.add(write(info));
  };
}

const takesAll: AccessLogTest = () => true;
