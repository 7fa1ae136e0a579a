import { readdir, readFile, readlink } from "node:fs/promises";

/** The process that listens on a port. */
export interface PortHolder {
  readonly pid: number;
  readonly command: string;
}

// Column 4 of /proc/net/tcp; the kernel's TCP_LISTEN.
const listening = "0A";

/** Who listens on a TCP port, as far as /proc tells: undefined elsewhere, or for another user's process. */
export async function findPortHolder(
  port: number,
  proc = "/proc",
): Promise<PortHolder | undefined> {
  const tables = await Promise.all(
    ["tcp", "tcp6"].map((table) => readFile(`${proc}/net/${table}`, "utf8").catch(() => "")),
  );
  const inodes = new Set(tables.flatMap((table) => listeningInodes(table, port)));
  if (inodes.size === 0) return undefined;
  for (const pid of await readdir(proc).catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue;
    // Processes end while we look, and other users' are closed to us: both just do not match.
    for (const fd of await readdir(`${proc}/${pid}/fd`).catch(() => [])) {
      const target = await readlink(`${proc}/${pid}/fd/${fd}`).catch(() => "");
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode === undefined || !inodes.has(inode)) continue;
      const cmdline = await readFile(`${proc}/${pid}/cmdline`, "utf8").catch(() => "");
      return { pid: Number(pid), command: cmdline.replaceAll("\0", " ").trim().slice(0, 120) };
    }
  }
  return undefined;
}

/** The inodes of the sockets that listen on a port, from the text of /proc/net/tcp. */
export function listeningInodes(table: string, port: number): readonly string[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, "0");
  return table
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(`:${hexPort}`) && columns[3] === listening)
    .flatMap((columns) => columns[9] ?? []);
}
