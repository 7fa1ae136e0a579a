/** A set that came of another one by adding services in that order. */
interface Step {
  readonly from: number;
  readonly added: readonly number[];
  readonly to: number;
}

/** Steps remembered; one more empties the memory. */
const MAX_STEPS = 1024;

/** Sets of services, shared by all traces that go through the same ones. 0 is the empty set. */
export class ServiceSets {
  private readonly ids = new Map<string, number>();
  private readonly sets: (readonly number[] | undefined)[] = [[]];
  private readonly holders: number[] = [0];
  private readonly free: number[] = [];
  private heldBytes = 0;
  /** By `stepHash`: most traces take a way that others took before. */
  private readonly steps = new Map<number, Step>();

  get bytes(): number {
    return this.heldBytes;
  }

  members(id: number): readonly number[] {
    return this.sets[id] ?? [];
  }

  /** The set with those services added, held once more. */
  holdWith(id: number, added: readonly number[]): number {
    const hash = stepHash(id, added);
    const step = this.steps.get(hash);
    if (step !== undefined && isSame(step, id, added)) {
      this.holders[step.to] = (this.holders[step.to] ?? 0) + 1;
      return step.to;
    }
    const to = this.holdUnion(id, added);
    if (this.steps.size >= MAX_STEPS) this.steps.clear();
    this.steps.set(hash, { from: id, added, to });
    return to;
  }

  private holdUnion(id: number, added: readonly number[]): number {
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
    this.steps.clear(); // the number may come to stand for another set
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

function stepHash(id: number, added: readonly number[]): number {
  let hash = id;
  for (let i = 0; i < added.length; i++) hash = Math.imul(hash, 31) + (added[i] ?? 0);
  return hash | 0;
}

function isSame(step: Step, id: number, added: readonly number[]): boolean {
  if (step.from !== id || step.added.length !== added.length) return false;
  for (let i = 0; i < added.length; i++) if (step.added[i] !== added[i]) return false;
  return true;
}
