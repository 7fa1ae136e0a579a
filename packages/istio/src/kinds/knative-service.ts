import { report } from "../decode/cursor.ts";
import {
  boolean,
  type Decoder,
  decodeWith,
  integer,
  list,
  optional,
  record,
  required,
  string,
  text,
} from "../decode/decoder.ts";
import { object } from "../decode/object.ts";
import { type PodSpec, podSpec } from "./pod.ts";
import { type Resource, resource } from "./resource.ts";

export interface RevisionTemplate {
  readonly metadata?: {
    readonly name?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: PodSpec;
}

export interface TrafficTarget {
  readonly revisionName?: string;
  readonly latestRevision?: boolean;
  readonly percent?: number;
  readonly tag?: string;
}

export interface KnativeServiceSpec {
  readonly template: RevisionTemplate;
  readonly traffic?: readonly TrafficTarget[];
}

/** `serving.knative.dev/v1`: each new template makes a revision, `traffic` shares requests among them. */
export type KnativeService = Resource<"KnativeService", KnativeServiceSpec>;

const trafficTarget: Decoder<TrafficTarget> = decodeWith(
  object<TrafficTarget>(
    {
      revisionName: optional(string),
      latestRevision: optional(boolean),
      percent: optional(
        decodeWith(integer, (value, cursor) =>
          value >= 0 && value <= 100 ? value : report(cursor, `percent ${value} is not in 0-100`),
        ),
      ),
      tag: optional(string),
    },
    {
      unknown: "refuse",
      unsupported: { configurationName: "traffic of another Configuration (configurationName)" },
    },
  ),
  (target, cursor) => {
    if (target.revisionName !== undefined && target.latestRevision === true) {
      return report(cursor, "revisionName and latestRevision: true exclude each other");
    }
    if (target.revisionName === undefined && target.latestRevision === false) {
      return report(cursor, "needs revisionName or latestRevision: true");
    }
    return target;
  },
);

export const knativeService: Decoder<KnativeService> = resource(
  "KnativeService",
  object<KnativeServiceSpec>(
    {
      template: required(
        object<RevisionTemplate>(
          {
            metadata: optional(
              object<NonNullable<RevisionTemplate["metadata"]>>(
                {
                  name: optional(string),
                  labels: optional(record(text)),
                  annotations: optional(record(text)),
                },
                { unknown: "ignore" },
              ),
            ),
            spec: required(podSpec),
          },
          { unknown: "refuse" },
        ),
      ),
      traffic: optional(list(trafficTarget)),
    },
    { unknown: "refuse" },
  ),
);
