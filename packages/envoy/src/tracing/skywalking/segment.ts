/** What one proxy did for one request: an entry span and an exit span for each call it made. */

import type { SkyWalkingSpan } from "./skywalking-span.ts";
import type { Sw8 } from "./sw8.ts";

export interface SegmentOwner {
  readonly service: string;
  readonly instance: string;
  report(segment: Segment): void;
}

export class Segment {
  readonly owner: SegmentOwner;
  readonly traceId: string;
  readonly id: string;
  /** Undefined: the trace begins here. */
  readonly parent: Sw8 | undefined;
  /** In order of their beginning; a span's place is its id. */
  readonly spans: SkyWalkingSpan[] = [];

  constructor(owner: SegmentOwner, traceId: string, id: string, parent: Sw8 | undefined) {
    this.owner = owner;
    this.traceId = traceId;
    this.id = id;
    this.parent = parent;
  }

  /** A segment is reported when its last span has ended. */
  spanEnded(): void {
    if (this.spans.every((span) => span.endTimeMicros !== undefined)) this.owner.report(this);
  }
}
