/** Gives equal texts one small number as long as somebody holds it. 0 is never given: it means none. */
export class Interner {
  private readonly ids = new Map<string, number>();
  private readonly texts: (string | undefined)[] = [undefined];
  private readonly holders: number[] = [0];
  private readonly free: number[] = [];
  private heldBytes = 0;

  /** A guess: two bytes a character and the map's own overhead. */
  get bytes(): number {
    return this.heldBytes;
  }

  /** The number of the text, held once more. */
  hold(text: string): number {
    const known = this.ids.get(text);
    if (known !== undefined) {
      this.holders[known] = (this.holders[known] ?? 0) + 1;
      return known;
    }
    const id = this.free.pop() ?? this.texts.length;
    this.ids.set(text, id);
    this.texts[id] = text;
    this.holders[id] = 1;
    this.heldBytes += cost(text);
    return id;
  }

  find(text: string): number | undefined {
    return this.ids.get(text);
  }

  text(id: number): string | undefined {
    return this.texts[id];
  }

  /** True when nobody holds it any more, and the number may be given to another text. */
  release(id: number): boolean {
    const text = this.texts[id];
    if (text === undefined) return false;
    const left = (this.holders[id] ?? 1) - 1;
    this.holders[id] = left;
    if (left > 0) return false;
    this.ids.delete(text);
    this.texts[id] = undefined;
    this.free.push(id);
    this.heldBytes -= cost(text);
    return true;
  }
}

function cost(text: string): number {
  return text.length * 2 + 96;
}
