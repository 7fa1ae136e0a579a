import { createServer } from "node:net";
import { findPortHolder, type PortHolder } from "./port-holder.ts";

/** A port that a service of the mesh needs and cannot have. */
export interface TakenPort {
  readonly port: number;
  readonly neededBy: string;
  readonly reason: string;
  readonly holder: PortHolder | undefined;
}

export class PortsTakenError extends Error {
  readonly taken: readonly TakenPort[];

  constructor(taken: readonly TakenPort[]) {
    super(taken.map(describeTaken).join("\n"));
    this.name = "PortsTakenError";
    this.taken = taken;
  }
}

/** Fails with every port that cannot be opened, before anything is started. */
export async function checkPorts(
  needed: Iterable<{ readonly port: number; readonly neededBy: string }>,
): Promise<void> {
  const checked = await Promise.all(
    [...needed].map(async ({ port, neededBy }): Promise<TakenPort | undefined> => {
      const reason = await tryPort(port);
      if (reason === undefined) return undefined;
      return { port, neededBy, reason, holder: await findPortHolder(port) };
    }),
  );
  const taken = checked.filter((port) => port !== undefined);
  if (taken.length > 0) throw new PortsTakenError(taken);
}

/** Ports that were free a moment ago, all different. */
export async function findFreePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  try {
    return await Promise.all(
      servers.map(
        (server) =>
          new Promise<number>((resolve, reject) => {
            server.once("error", reject);
            server.listen(0, () => {
              const address = server.address();
              resolve(typeof address === "object" && address !== null ? address.port : 0);
            });
          }),
      ),
    );
  } finally {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

/** The error code of listening on a port, or undefined when it works. */
function tryPort(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host: "0.0.0.0", exclusive: true }, () =>
      server.close(() => resolve(undefined)),
    );
  });
}

function describeTaken({ port, neededBy, reason, holder }: TakenPort): string {
  if (reason === "EACCES") return `port ${port} (${neededBy}): this user may not open it`;
  if (reason !== "EADDRINUSE") return `port ${port} (${neededBy}): ${reason}`;
  const who = holder ? ` by process ${holder.pid} (${holder.command})` : "";
  return `port ${port} (${neededBy}) is in use${who}`;
}
