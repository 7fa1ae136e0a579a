import { createSpan, putTag } from "../model/create-span.ts";
import type { Annotation, Endpoint, Kind, Span } from "../model/span.ts";
import type { V1Annotation, V1BinaryAnnotation, V1Span } from "./v1-span.ts";

/** A v2 span in the making: one for each service that the v1 span mentions. */
interface Half {
  localEndpoint: Endpoint | undefined;
  remoteEndpoint: Endpoint | undefined;
  kind: Kind | undefined;
  timestamp: number;
  duration: number;
  shared: boolean;
  readonly annotations: Annotation[];
  readonly tags: Record<string, string>;
}

const coreKinds = {
  cs: "CLIENT",
  cr: "CLIENT",
  sr: "SERVER",
  ss: "SERVER",
  ms: "PRODUCER",
  mr: "CONSUMER",
  ws: undefined,
  wr: undefined,
} as const;

type Core = keyof typeof coreKinds;

/** Splits a v1 span into v2 spans, by the rules of Zipkin's own converter. */
export function convertV1(source: V1Span): Span[] {
  return new Conversion(source).run();
}

class Conversion {
  private readonly source: V1Span;
  private readonly first: Half = createHalf(undefined);
  private readonly others: Half[] = [];
  private readonly core: Partial<Record<Core, V1Annotation>> = {};

  constructor(source: V1Span) {
    this.source = {
      ...source,
      annotations: source.annotations.toSorted(
        (a, b) => a.timestamp - b.timestamp || compareTexts(a.value, b.value),
      ),
      binaryAnnotations: source.binaryAnnotations.toSorted((a, b) => compareTexts(a.key, b.key)),
    };
  }

  run(): Span[] {
    for (const annotation of this.source.annotations) this.addAnnotation(annotation);
    this.implyStarts();
    this.setRpcTimes();
    this.setMessagingTimes();
    for (const annotation of this.source.binaryAnnotations) this.addTag(annotation);
    this.setRemoteEndpoints();
    return [this.first, ...this.others].map((half) => this.finish(half));
  }

  /** A core annotation needs an endpoint to be one. */
  private addAnnotation(annotation: V1Annotation): void {
    const half = this.halfOf(annotation.endpoint);
    const { value } = annotation;
    if (annotation.endpoint === undefined || !isCore(value)) {
      half.annotations.push({ timestamp: annotation.timestamp, value });
      return;
    }
    half.kind = coreKinds[value] ?? half.kind;
    this.core[value] = annotation;
  }

  /** An end that agrees with timestamp and duration tells the start that was left out. */
  private implyStarts(): void {
    const { core, source } = this;
    for (const [start, end] of [
      ["cs", "cr"],
      ["sr", "ss"],
    ] as const) {
      const last = core[end];
      if (core[start] !== undefined || last === undefined) continue;
      if (source.timestamp === 0 || source.duration === 0) continue;
      if (source.timestamp + source.duration !== last.timestamp) continue;
      core[start] = { timestamp: source.timestamp, value: start, endpoint: last.endpoint };
    }
  }

  private setRpcTimes(): void {
    const { cs, cr, sr, ss } = this.core;
    const { source } = this;
    if (cs !== undefined && sr !== undefined) {
      this.setTimes(cs, cr);
      const client = this.halfOf(cs.endpoint);
      const server = this.otherSide(client, cs, sr, "CLIENT", "SERVER");
      server.shared = true;
      server.timestamp = sr.timestamp;
      if (ss !== undefined) server.duration = ss.timestamp - sr.timestamp;
      if (cr === undefined && source.duration === 0) client.duration = 0; // one-way
    } else if (cs !== undefined && cr !== undefined) this.setTimes(cs, cr);
    else if (sr !== undefined && ss !== undefined) this.setTimes(sr, ss);
    else this.keepIncomplete();
    // v1 has no shared flag: a server that does not own the times shares its client's span.
    const ownsTimes = source.timestamp !== 0 && (ss === undefined || source.duration !== 0);
    if (cs === undefined && sr !== undefined && !ownsTimes) this.halfOf(sr.endpoint).shared = true;
  }

  /** The start makes the time; the end stays as an annotation. */
  private keepIncomplete(): void {
    const { cs, cr, sr, ss } = this.core;
    for (const half of [this.first, ...this.others]) {
      const [start, end] =
        half.kind === "CLIENT" ? [cs, cr] : half.kind === "SERVER" ? [sr, ss] : [];
      if (start !== undefined) half.timestamp = start.timestamp;
      if (end !== undefined) half.annotations.push({ timestamp: end.timestamp, value: end.value });
    }
    if (this.source.timestamp === 0) return;
    this.first.timestamp = this.source.timestamp;
    this.first.duration = this.source.duration;
  }

  private setMessagingTimes(): void {
    const { ms, mr, ws, wr } = this.core;
    if (ms !== undefined && mr !== undefined) {
      const producer = this.halfOf(ms.endpoint);
      const consumer = this.otherSide(producer, ms, mr, "PRODUCER", "CONSUMER");
      consumer.shared = true;
      consumer.timestamp = wr?.timestamp ?? mr.timestamp;
      if (wr !== undefined) consumer.duration = mr.timestamp - wr.timestamp;
      producer.timestamp = ms.timestamp;
      producer.duration = ws === undefined ? 0 : ws.timestamp - ms.timestamp;
    } else if (ms !== undefined) this.setTimes(ms, ws);
    else if (mr !== undefined) {
      if (wr === undefined) this.setTimes(mr, undefined);
      else this.setTimes(wr, mr);
    } else {
      for (const wired of [ws, wr]) {
        if (wired === undefined) continue;
        const { timestamp, value } = wired;
        this.halfOf(wired.endpoint).annotations.push({ timestamp, value });
      }
    }
  }

  /** Both sides in one service still make two spans. */
  private otherSide(
    near: Half,
    start: V1Annotation,
    far: V1Annotation,
    nearKind: Kind,
    farKind: Kind,
  ): Half {
    if (start.endpoint?.serviceName !== far.endpoint?.serviceName) return this.halfOf(far.endpoint);
    near.kind = nearKind;
    const other = this.addHalf(far.endpoint);
    other.kind = farKind;
    return other;
  }

  private setTimes(begin: V1Annotation, end: V1Annotation | undefined): void {
    const half = this.halfOf(begin.endpoint);
    const { timestamp, duration } = this.source;
    if (timestamp !== 0 && duration !== 0) {
      half.timestamp = timestamp;
      half.duration = duration;
    } else {
      half.timestamp = begin.timestamp;
      if (end !== undefined) half.duration = end.timestamp - begin.timestamp;
    }
  }

  private addTag({ key, value = "", endpoint }: V1BinaryAnnotation): void {
    if (isAddress(key)) return;
    const half = this.halfOf(endpoint);
    if (key !== "lc" || value !== "") putTag(half.tags, key, value); // an empty "lc" only names the host
  }

  private setRemoteEndpoints(): void {
    const { cs, cr, sr, ss, ms, mr } = this.core;
    const address = (key: string): Endpoint | undefined =>
      this.source.binaryAnnotations.findLast((annotation) => annotation.key === key)?.endpoint;
    const [ca, sa, ma] = [address("ca"), address("sa"), address("ma")];
    const client = cs ?? cr;
    const server = sr ?? ss;
    if (client === undefined && server === undefined && (ca !== undefined || sa !== undefined)) {
      this.setAddressesOnly(ca, sa);
      return;
    }
    if (ca !== undefined && server !== undefined && !isSameEndpoint(ca, server.endpoint)) {
      // Some report the client's socket under the server's own name: that would link it to itself.
      const isOwnName = ca.serviceName === server.endpoint?.serviceName;
      this.halfOf(server.endpoint).remoteEndpoint = isOwnName ? withoutName(ca) : ca;
    }
    if (sa !== undefined && client !== undefined) this.halfOf(client.endpoint).remoteEndpoint = sa;
    if (ma === undefined) return;
    if (ms !== undefined) this.halfOf(ms.endpoint).remoteEndpoint = ma;
    if (mr !== undefined) this.halfOf(mr.endpoint).remoteEndpoint = ma;
  }

  private setAddressesOnly(ca: Endpoint | undefined, sa: Endpoint | undefined): void {
    if (ca !== undefined && sa !== undefined) this.halfOf(ca).remoteEndpoint = sa;
    else if (sa !== undefined) this.first.remoteEndpoint = sa;
    else {
      this.first.kind = "SERVER";
      this.first.remoteEndpoint = ca;
    }
  }

  /** The half of that service; without an endpoint the first one. */
  private halfOf(endpoint: Endpoint | undefined): Half {
    if (endpoint === undefined) return this.first;
    for (const half of [this.first, ...this.others]) {
      half.localEndpoint ??= endpoint;
      if (half.localEndpoint.serviceName === endpoint.serviceName) return half;
    }
    return this.addHalf(endpoint);
  }

  private addHalf(endpoint: Endpoint | undefined): Half {
    const half = createHalf(endpoint);
    this.others.push(half);
    return half;
  }

  private finish(half: Half): Span {
    const { traceId, parentId, id, name, debug } = this.source;
    return createSpan({ traceId, parentId, id, name, debug, ...half });
  }
}

function compareTexts(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function createHalf(localEndpoint: Endpoint | undefined): Half {
  return {
    localEndpoint,
    remoteEndpoint: undefined,
    kind: undefined,
    timestamp: 0,
    duration: 0,
    shared: false,
    annotations: [],
    tags: {},
  };
}

function isCore(value: string): value is Core {
  return Object.hasOwn(coreKinds, value);
}

function isAddress(key: string): boolean {
  return key === "ca" || key === "sa" || key === "ma";
}

function isSameEndpoint(left: Endpoint, right: Endpoint | undefined): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function withoutName({ serviceName: _, ...address }: Endpoint): Endpoint | undefined {
  return Object.keys(address).length === 0 ? undefined : address;
}
