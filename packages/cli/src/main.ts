/** Runs the command line; sets the exit status. */
export async function main(argv: readonly string[]): Promise<void> {
  const [command, ...rest] = argv;
  try {
    if (command === "health" && rest.length === 1 && rest[0]?.startsWith("http")) {
      // Each container asks this every few seconds: without the command line's library it costs half.
      const { health } = await import("./commands/health.ts");
      process.exitCode = await health(rest[0]);
      return;
    }
    const { createProgram, ownArguments } = await import("./program.ts");
    if (command !== undefined && Object.hasOwn(ownArguments, command)) {
      const status = await ownArguments[command as keyof typeof ownArguments].main(rest);
      if (typeof status === "number") process.exitCode = status;
      return;
    }
    let status = 0;
    await createProgram((code) => {
      status = code;
    }).parseAsync(argv, { from: "user" });
    // A mesh in this process may still hold connections that it waits for: the end is the end.
    if (command === "up") process.exit(status);
    process.exitCode = status;
  } catch (error) {
    process.stderr.write(`tracemesh: ${describe(error)}\n`);
    process.exitCode = 1;
    if (command === "up") process.exit(1);
  }
}

/** The message with the messages of its causes; the stack only when asked for. */
function describe(error: unknown): string {
  if (process.env["TRACEMESH_STACK"]) return error instanceof Error ? `${error.stack}` : `${error}`;
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${describe(error.cause)}` : "";
  return `${error.message}${cause}`;
}
