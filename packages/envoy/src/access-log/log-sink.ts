/** Where lines go: gathered, then written off the request's path. */
import { close, openSync, write } from "node:fs";

/** Writes some bytes and says when it can take more. */
type WriteBytes = (bytes: Buffer, done: () => void) => void;

/** Lines wait this long for company. */
const flushDelayMs = 50;
/** Enough for one write. */
const flushBytes = 64 * 1024;
/** What may wait while the disk or the reader of the pipe is stuck; lines beyond that are dropped. */
const maxWaitingBytes = 16 * 1024 * 1024;

export class LogSink {
  readonly #write: WriteBytes;
  readonly #end: () => Promise<void>;
  #lines: string[] = [];
  #bytes = 0;
  #writing = false;
  #timer: NodeJS.Timeout | undefined;
  #whenIdle: (() => void)[] = [];
  /** Lines lost because too many were waiting. */
  dropped = 0;

  constructor(writeBytes: WriteBytes, end: () => Promise<void>) {
    this.#write = writeBytes;
    this.#end = end;
  }

  /** A line with its line feed; one character a byte. */
  add(line: string): void {
    if (this.#bytes + line.length > maxWaitingBytes) {
      this.dropped += 1;
      return;
    }
    this.#lines.push(line);
    this.#bytes += line.length;
    if (this.#bytes >= flushBytes) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), flushDelayMs).unref();
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    this.#flush();
    if (this.#writing) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#whenIdle.push(resolve);
      await promise;
    }
    await this.#end();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writing || this.#lines.length === 0) return;
    const bytes = Buffer.from(this.#lines.join(""), "latin1");
    this.#lines = [];
    this.#bytes = 0;
    this.#writing = true;
    this.#write(bytes, () => this.#written());
  }

  #written(): void {
    this.#writing = false;
    this.#flush();
    if (this.#writing) return;
    const waiting = this.#whenIdle;
    this.#whenIdle = [];
    for (const resolve of waiting) resolve();
  }
}

/** stdout or stderr, which stay open. A reader that went away loses the lines, nothing else. */
export function createStreamSink(stream: NodeJS.WritableStream): LogSink {
  return new LogSink(
    (bytes, done) => {
      stream.write(bytes, () => done());
    },
    async () => {},
  );
}

/** Lines for somebody else to print. */
export function createTextSink(write: (text: string) => void): LogSink {
  return new LogSink(
    (bytes, done) => {
      write(bytes.toString());
      done();
    },
    async () => {},
  );
}

/** The C library's words, which Envoy prints. */
const openErrors: Readonly<Record<string, string>> = {
  EACCES: "Permission denied",
  EISDIR: "Is a directory",
  EMFILE: "Too many open files",
  ENOENT: "No such file or directory",
  ENOTDIR: "Not a directory",
  EROFS: "Read-only file system",
};

function openToAppend(path: string): number {
  try {
    return openSync(path, "a");
  } catch (cause) {
    const { code = "", message } = cause as NodeJS.ErrnoException;
    throw new Error(`unable to open file '${path}': ${openErrors[code] ?? message}`, { cause });
  }
}

/**
 * Appends to a file, created when it is not there. Throws where it cannot be opened; `onError` hears of what could not be written later,
 * once.
 */
export function createFileSink(path: string, onError: (message: string) => void): LogSink {
  const fd = openToAppend(path);
  let reported = false;
  const report = (error: NodeJS.ErrnoException): void => {
    if (!reported) onError(`unable to write access log '${path}': ${error.message}`);
    reported = true;
  };
  const writeAll = (bytes: Buffer, done: () => void): void => {
    write(fd, bytes, (error, written) => {
      if (error !== null) report(error);
      if (error !== null || written === bytes.length) done();
      else writeAll(bytes.subarray(written), done);
    });
  };
  return new LogSink(writeAll, () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    close(fd, () => resolve());
    return promise;
  });
}
