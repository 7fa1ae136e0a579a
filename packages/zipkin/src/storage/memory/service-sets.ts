/** Sets of services, shared by all traces that go through the same ones. 0 is the empty set. */
export class ServiceSets {
  private readonly ids = new Map<string, number>();
  private readonly sets: (readonly number[] | undefined)[] = [[]];
  private readonly holders: number[] = [0];
  private readonly free: number[] = [];
  private heldBytes = 0;

  get bytes(): number {
    return this.heldBytes;
  }

  members(id: number): readonly number[] {
    return this.sets[id] ?? [];
  }

  /** The set with those services added, held once more. */
  holdWith(id: number, added: readonly number[]): number {
    const members = [...this.members(id), ...added].sort((a, b) => a - b);
    const key = members.join(",");
    const known = this.ids.get(key);
    if (known !== undefined) {
      this.holders[known] = (this.holders[known] ?? 0) + 1;
      return known;
    }
    const fresh = this.free.pop() ?? this.sets.length;
    this.ids.set(key, fresh);
    this.sets[fresh] = members;
    this.holders[fresh] = 1;
    this.heldBytes += cost(members);
    return fresh;
  }

  release(id: number): void {
    if (id === 0) return;
    const left = (this.holders[id] ?? 1) - 1;
    this.holders[id] = left;
    if (left > 0) return;
    const members = this.members(id);
    this.ids.delete(members.join(","));
    this.sets[id] = undefined;
    this.free.push(id);
    this.heldBytes -= cost(members);
  }
}

function cost(members: readonly number[]): number {
  return members.length * 16 + 160;
}
