/** Envoy's command-line flags and what becomes of each here. https://www.envoyproxy.io/docs/envoy/latest/operations/cli */

export interface Flag {
  readonly name: string;
  readonly short?: string;
  /** What the value is called in the usage; absent: the flag takes none. */
  readonly value?: "string" | "uint32_t";
  readonly repeatable?: boolean;
  readonly help: string;
  /** Why it can be read and changed nothing. */
  readonly noEffect?: string;
  /** The feature that is missing: the flag is an error. */
  readonly unsupported?: string;
}

const hotRestart = "there is no hot restart";
const logFiles = "log lines are written at once";
const dynamic = "there is no dynamic configuration";

export const flags: readonly Flag[] = [
  { name: "config-path", short: "c", value: "string", help: "Path to configuration file" },
  {
    name: "config-yaml",
    value: "string",
    help: "Inline YAML configuration, merges with the contents of --config-path",
  },
  {
    name: "mode",
    value: "string",
    help: "One of 'serve' (default; validate configs and then serve traffic normally) or 'validate' (validate configs and exit).",
  },
  { name: "service-cluster", value: "string", help: "Cluster name" },
  { name: "service-node", value: "string", help: "Node name" },
  { name: "service-zone", value: "string", help: "Zone name" },
  { name: "concurrency", value: "uint32_t", help: "# of worker threads to run" },
  {
    name: "log-level",
    short: "l",
    value: "string",
    help: "Log levels: [trace][debug][info][warning|warn][error][critical][off]. Default is [info]",
  },
  { name: "log-path", value: "string", help: "Path to logfile" },
  {
    name: "drain-time-s",
    value: "uint32_t",
    help: "Seconds given to requests and spans under way when the process is told to stop",
  },
  {
    name: "drain-strategy",
    value: "string",
    help: "One of 'gradual' (default) or 'immediate'.",
    noEffect: "listeners close at once, requests under way are finished",
  },
  {
    name: "admin-address-path",
    value: "string",
    help: "Admin address path",
    unsupported: "writing the admin address to a file",
  },
  { name: "disable-hot-restart", help: "Disable hot restart functionality", noEffect: hotRestart },
  { name: "base-id", value: "uint32_t", help: "Base ID of hot restart", noEffect: hotRestart },
  { name: "use-dynamic-base-id", help: "Choose a base ID dynamically", noEffect: hotRestart },
  { name: "restart-epoch", value: "uint32_t", help: "Hot restart epoch #", noEffect: hotRestart },
  {
    name: "parent-shutdown-time-s",
    value: "uint32_t",
    help: "Hot restart parent shutdown time in seconds",
    noEffect: hotRestart,
  },
  {
    name: "socket-path",
    value: "string",
    help: "Path to hot restart socket file",
    noEffect: hotRestart,
  },
  { name: "socket-mode", value: "string", help: "Socket file permission", noEffect: hotRestart },
  {
    name: "skip-hot-restart-on-no-parent",
    help: "Start although the parent is gone",
    noEffect: hotRestart,
  },
  {
    name: "skip-hot-restart-parent-stats",
    help: "Do not copy the parent's statistics",
    noEffect: hotRestart,
  },
  {
    name: "cpuset-threads",
    help: "Get the default # of worker threads from cpuset size",
    noEffect: "one thread serves all connections",
  },
  { name: "enable-core-dump", help: "Enable core dumps", noEffect: "it is the shell's to allow" },
  {
    name: "enable-mutex-tracing",
    help: "Enable mutex contention tracing functionality",
    noEffect: "one thread has no contention",
  },
  {
    name: "component-log-level",
    value: "string",
    help: "Comma-separated list of component log levels. For example upstream:debug,config:trace",
    noEffect: "the log has one level",
  },
  {
    name: "enable-fine-grain-logging",
    help: "Logger mode: enable file level log control",
    noEffect: "the log has one level",
  },
  {
    name: "file-flush-interval-msec",
    value: "uint32_t",
    help: "Interval for log flushing in msec",
    noEffect: logFiles,
  },
  {
    name: "file-flush-min-size-kb",
    value: "uint32_t",
    help: "Minimum size in KB for log flushing",
    noEffect: logFiles,
  },
  {
    name: "log-stacktrace-single-entry",
    help: "Emit the entire stack trace in a single log entry",
    noEffect: "log entries are one line each",
  },
  {
    name: "skip-deprecated-logs",
    help: "Skips the logging of deprecated field warnings",
    noEffect: "no such warnings are logged",
  },
  {
    name: "ignore-unknown-dynamic-fields",
    help: "Ignore unknown fields in dynamic configuration",
    noEffect: dynamic,
  },
  {
    name: "reject-unknown-dynamic-fields",
    help: "Reject unknown fields in dynamic configuration",
    noEffect: dynamic,
  },
  {
    name: "allow-unknown-static-fields",
    help: "Allow unknown fields in static configuration",
    unsupported: "ignoring unknown fields",
  },
  {
    name: "allow-unknown-fields",
    help: "Allow unknown fields in static configuration (DEPRECATED)",
    unsupported: "ignoring unknown fields",
  },
  {
    name: "base-id-path",
    value: "string",
    help: "Path to which the base ID is written",
    unsupported: "hot restart",
  },
  {
    name: "disable-extensions",
    value: "string",
    help: "Comma-separated list of extensions to disable",
    unsupported: "disabling extensions",
  },
  {
    name: "local-address-ip-version",
    value: "string",
    help: "The local IP address version (v4 or v6).",
    unsupported: "choosing the family of the local address",
  },
  {
    name: "log-format",
    value: "string",
    help: "Log message format in spdlog syntax",
    unsupported: "log formats",
  },
  {
    name: "log-format-escaped",
    help: "Escape c-style escape sequences in the application logs",
    unsupported: "log formats",
  },
  {
    name: "stats-tag",
    value: "string",
    repeatable: true,
    help: "A universal tag for all stats, tag:value",
    unsupported: "stats tags",
  },
];
