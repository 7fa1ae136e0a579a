/** An endpoint that was read before. */
export interface KnownEndpoint {
  /** As it was sent. */
  readonly raw: Buffer;
  /** As it is stored; undefined when nothing is left of it. */
  readonly encoded: Buffer | undefined;
  /** Whether the two are the same. */
  readonly isPlain: boolean;
}

/** Endpoints remembered; one more empties the cache. */
const LIMIT = 4096;
/** Bytes: longer ones are not remembered. */
const MAX_LENGTH = 512;
/** Candidates looked at one by one. */
const MAX_ALIKE = 64;

/** The bytes of an endpoint by which candidates are found. */
export interface HashWindow {
  readonly from: number;
  readonly to: number;
}

/**
 * The few endpoints of a system come again and again: each is read once. As an endpoint says itself
 * where it ends, one that is known need not be looked through for its end either. A cache is asked
 * either by `find` and `read` or, where the end is known beforehand, by `get`.
 */
export class EndpointCache {
  /** Makes of one that was sent what is stored. */
  private readonly encode: (raw: Buffer) => string | undefined;
  private readonly window: HashWindow;
  private readonly known = new Map<number, KnownEndpoint[]>();
  private size = 0;

  constructor(encode: (raw: Buffer) => string | undefined, window: HashWindow) {
    this.encode = encode;
    this.window = window;
  }

  /** The one that begins at `start`, if it was read before. */
  find(bytes: Buffer, start: number): KnownEndpoint | undefined {
    return this.lookUp(this.hash(bytes, start, start + this.window.to), bytes, start);
  }

  /** Throws what `encode` throws. */
  read(bytes: Buffer, start: number, end: number): KnownEndpoint {
    return this.encodeNew(this.hash(bytes, start, start + this.window.to), bytes, start, end);
  }

  /** Both in one: what stands behind the endpoint has no part in finding it. */
  get(bytes: Buffer, start: number, end: number): KnownEndpoint {
    const key = this.hash(bytes, start, Math.min(start + this.window.to, end));
    return this.lookUp(key, bytes, start) ?? this.encodeNew(key, bytes, start, end);
  }

  private hash(bytes: Buffer, start: number, end: number): number {
    let hash = 0;
    for (let i = start + this.window.from; i < end; i++) {
      hash = (Math.imul(hash, 31) + (bytes[i] ?? 0)) | 0;
    }
    return hash;
  }

  private lookUp(key: number, bytes: Buffer, start: number): KnownEndpoint | undefined {
    const alike = this.known.get(key);
    if (alike === undefined) return undefined;
    for (const endpoint of alike) if (isAt(bytes, start, endpoint.raw)) return endpoint;
    return undefined;
  }

  private encodeNew(key: number, bytes: Buffer, start: number, end: number): KnownEndpoint {
    const raw = Buffer.from(bytes.subarray(start, end));
    const text = this.encode(raw);
    const encoded = text === undefined ? undefined : Buffer.from(text);
    const endpoint = { raw, encoded, isPlain: encoded?.equals(raw) ?? false };
    if (raw.length <= MAX_LENGTH) this.remember(key, endpoint);
    return endpoint;
  }

  private remember(key: number, endpoint: KnownEndpoint): void {
    if (this.size >= LIMIT) {
      this.known.clear();
      this.size = 0;
    }
    this.size++;
    const alike = this.known.get(key);
    if (alike === undefined || alike.length >= MAX_ALIKE) this.known.set(key, [endpoint]);
    else alike.push(endpoint);
  }
}

function isAt(bytes: Buffer, start: number, raw: Buffer): boolean {
  for (let i = raw.length - 1; i >= 0; i--) if (bytes[start + i] !== raw[i]) return false;
  return true;
}
