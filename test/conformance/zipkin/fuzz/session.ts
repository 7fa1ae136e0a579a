import { areAlike, type Comparable, comparable } from "./compare.ts";
import { type Post, writePost } from "./posts.ts";
import { observations, type Query, writeQuery } from "./queries.ts";
import type { Request, Server } from "./servers.ts";
import { resolve, type World } from "./world.ts";

/** What is done in one world: everything is posted, then everything asked. */
export interface Plan {
  readonly posts: readonly Post[];
  /** Which of them are posted once more: reporters repeat themselves. */
  readonly repeats: readonly number[];
  readonly queries: readonly Query[];
}

export interface Difference {
  readonly request: string;
  readonly real: Comparable;
  /** The first of ours that answers otherwise. */
  readonly ours: Comparable;
}

/** The real server stores after it has answered. Milliseconds. */
const STORE_LIMIT_MS = 2000;
const POLL_MS = 2;

export class Session {
  private readonly real: Server;
  private readonly ours: readonly Server[];

  constructor(real: Server, ours: readonly Server[]) {
    this.real = real;
    this.ours = ours;
  }

  /** All differences, in the order of the plan. */
  async run(plan: Plan, world: World): Promise<Difference[]> {
    const differences: (Difference | undefined)[] = [];
    const repeats = plan.repeats.flatMap((i) => plan.posts[i] ?? []);
    for (const [i, post] of [...plan.posts, ...repeats].entries()) {
      const sentinel = resolve(`~w5e0000${(i + 16).toString(16)}`, world);
      differences.push(await this.ask(writePost(post, sentinel, world), world));
      await this.untilStored(sentinel);
    }
    for (const query of [...observations, ...plan.queries]) {
      differences.push(await this.ask(writeQuery(query, world), world));
    }
    return differences.filter((difference) => difference !== undefined);
  }

  private async ask(request: Request, world: World): Promise<Difference | undefined> {
    const [real, ...ours] = await Promise.all(
      [this.real, ...this.ours].map(async (server) =>
        comparable(request, await server.ask(request), world),
      ),
    );
    if (real === undefined) return undefined;
    const other = ours.find((one) => !areAlike(real, one));
    return other && { request: describe(request), real, ours: other };
  }

  /** Until the real server has what ours has at once; a body without the sentinel is not waited for. */
  private async untilStored(sentinel: string): Promise<void> {
    const deadline = performance.now() + STORE_LIMIT_MS;
    const request = { method: "GET", path: `/api/v2/trace/${sentinel}`, headers: {} };
    const [ours] = this.ours;
    const status = (await ours?.ask(request))?.status;
    while (performance.now() < deadline) {
      if ((await this.real.ask(request)).status === status) return;
      await new Promise((done) => setTimeout(done, POLL_MS));
    }
  }
}

function describe({ method, path, headers, body }: Request): string {
  const text = body === undefined ? "" : readable(body);
  return `${method} ${path} ${JSON.stringify(headers)} ${text}`;
}

function readable(body: Buffer): string {
  const text = body.toString("utf8");
  return Buffer.from(text).equals(body) && !text.includes("\0") ? text : body.toString("latin1");
}
