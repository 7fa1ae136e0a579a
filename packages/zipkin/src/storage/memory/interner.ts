import { hashBytes, rawText } from "./byte-hash.ts";

/**
 * Gives equal texts one small number as long as somebody holds it. Texts come as the bytes that stand
 * in stored spans. 0 is never given: it means none.
 */
export class Interner {
  readonly seed: number;
  private readonly ids = new Map<number, number | number[]>();
  /** As stored, one character a byte. */
  private readonly raws: (string | undefined)[] = [undefined];
  private readonly texts: (string | undefined)[] = [undefined];
  private readonly hashes: number[] = [0];
  private readonly holders: number[] = [0];
  private readonly free: number[] = [];
  private heldBytes = 0;

  /** Hashes of the texts begin with it. */
  constructor(seed: number) {
    this.seed = seed;
  }

  /** A guess: two copies and the map's own overhead. */
  get bytes(): number {
    return this.heldBytes;
  }

  /** The number of the text, held once more. `hash` is that of `hashBytes` over the range. */
  hold(bytes: Buffer, start: number, end: number, hash: number): number {
    const known = this.lookUp(bytes, start, end, hash);
    if (known !== 0) {
      this.holders[known] = (this.holders[known] ?? 0) + 1;
      return known;
    }
    const id = this.free.pop() ?? this.raws.length;
    const raw = bytes.toString("latin1", start, end);
    this.raws[id] = raw;
    this.texts[id] = undefined;
    this.hashes[id] = hash;
    this.holders[id] = 1;
    this.enter(hash, id);
    this.heldBytes += cost(raw);
    return id;
  }

  find(text: string): number | undefined {
    const raw = rawText(text);
    const id = this.lookUp(raw, 0, raw.length, hashBytes(raw, 0, raw.length, this.seed));
    return id === 0 ? undefined : id;
  }

  text(id: number): string | undefined {
    const raw = this.raws[id];
    if (raw === undefined) return undefined;
    let text = this.texts[id];
    if (text === undefined) {
      text = String(JSON.parse(`"${Buffer.from(raw, "latin1").toString()}"`));
      this.texts[id] = text;
    }
    return text;
  }

  /** True when nobody holds it any more, and the number may be given to another text. */
  release(id: number): boolean {
    const raw = this.raws[id];
    if (raw === undefined) return false;
    const left = (this.holders[id] ?? 1) - 1;
    this.holders[id] = left;
    if (left > 0) return false;
    this.leave(this.hashes[id] ?? 0, id);
    this.raws[id] = undefined;
    this.texts[id] = undefined;
    this.free.push(id);
    this.heldBytes -= cost(raw);
    return true;
  }

  private lookUp(bytes: Buffer, start: number, end: number, hash: number): number {
    const found = this.ids.get(hash);
    if (found === undefined) return 0;
    if (typeof found === "number") return this.isSame(found, bytes, start, end) ? found : 0;
    for (const id of found) if (this.isSame(id, bytes, start, end)) return id;
    return 0;
  }

  private isSame(id: number, bytes: Buffer, start: number, end: number): boolean {
    const raw = this.raws[id];
    if (raw === undefined || raw.length !== end - start) return false;
    for (let i = 0; i < raw.length; i++) if (raw.charCodeAt(i) !== bytes[start + i]) return false;
    return true;
  }

  private enter(hash: number, id: number): void {
    const others = this.ids.get(hash);
    if (others === undefined) this.ids.set(hash, id);
    else if (typeof others === "number") this.ids.set(hash, [others, id]);
    else others.push(id);
  }

  private leave(hash: number, id: number): void {
    const found = this.ids.get(hash);
    const left = typeof found === "object" ? found.filter((other) => other !== id) : [];
    if (left.length === 0) this.ids.delete(hash);
    else this.ids.set(hash, left);
  }
}

function cost(raw: string): number {
  return raw.length * 2 + 112;
}
