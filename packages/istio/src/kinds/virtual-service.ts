import {
  boolean,
  type Decoder,
  list,
  optional,
  record,
  required,
  string,
  text,
} from "../decode/decoder.ts";
import { object } from "../decode/object.ts";
import { duration, host, port } from "../decode/scalars.ts";
import {
  type Destination,
  destination,
  type HeaderOperations,
  headers,
  weight,
} from "./http-destination.ts";
import {
  type DirectResponse,
  directResponse,
  type Fault,
  fault,
  type Mirror,
  mirror,
  type Percentage,
  percentage,
  type Redirect,
  type Retries,
  type Rewrite,
  redirect,
  retries,
  rewrite,
} from "./http-policies.ts";
import { type Resource, resource } from "./resource.ts";
import { presenceMatch, type StringMatch, valueMatch } from "./string-match.ts";

export interface HttpMatch {
  readonly name?: string;
  readonly uri?: StringMatch;
  readonly ignoreUriCase?: boolean;
  readonly scheme?: StringMatch;
  readonly method?: StringMatch;
  readonly authority?: StringMatch;
  readonly headers?: Readonly<Record<string, StringMatch>>;
  readonly withoutHeaders?: Readonly<Record<string, StringMatch>>;
  readonly queryParams?: Readonly<Record<string, StringMatch>>;
  readonly port?: number;
  readonly sourceLabels?: Readonly<Record<string, string>>;
  readonly sourceNamespace?: string;
  readonly gateways?: readonly string[];
}

export interface HttpRouteDestination {
  readonly destination: Destination;
  readonly weight?: number;
  readonly headers?: HeaderOperations;
}

export interface Delegate {
  readonly name: string;
  readonly namespace?: string;
}

export interface HttpRoute {
  readonly name?: string;
  readonly match?: readonly HttpMatch[];
  readonly route?: readonly HttpRouteDestination[];
  readonly redirect?: Redirect;
  readonly directResponse?: DirectResponse;
  readonly delegate?: Delegate;
  readonly rewrite?: Rewrite;
  readonly timeout?: number;
  readonly retries?: Retries;
  readonly fault?: Fault;
  readonly mirror?: Destination;
  readonly mirrorPercentage?: Percentage;
  readonly mirrors?: readonly Mirror[];
  readonly headers?: HeaderOperations;
}

export interface VirtualServiceSpec {
  readonly hosts?: readonly string[];
  readonly gateways?: readonly string[];
  readonly http?: readonly HttpRoute[];
  readonly exportTo?: readonly string[];
}

export type VirtualService = Resource<"VirtualService", VirtualServiceSpec>;

const httpMatch = object<HttpMatch>(
  {
    name: optional(string),
    uri: optional(valueMatch),
    ignoreUriCase: optional(boolean),
    scheme: optional(valueMatch),
    method: optional(valueMatch),
    authority: optional(valueMatch),
    headers: optional(record(presenceMatch)),
    withoutHeaders: optional(record(presenceMatch)),
    queryParams: optional(record(presenceMatch)),
    port: optional(port),
    sourceLabels: optional(record(text)),
    sourceNamespace: optional(string),
    gateways: optional(list(string)),
  },
  {
    unknown: "refuse",
    unsupported: { statPrefix: "statistics of one route (statPrefix)" },
  },
);

const httpRoute = object<HttpRoute>(
  {
    name: optional(string),
    match: optional(list(httpMatch)),
    route: optional(
      list(
        object<HttpRouteDestination>(
          {
            destination: required(destination),
            weight: optional(weight),
            headers: optional(headers),
          },
          { unknown: "refuse" },
        ),
      ),
    ),
    redirect: optional(redirect),
    directResponse: optional(directResponse),
    delegate: optional(
      object<Delegate>(
        { name: required(string), namespace: optional(string) },
        { unknown: "refuse" },
      ),
    ),
    rewrite: optional(rewrite),
    timeout: optional(duration({ zero: true })),
    retries: optional(retries),
    fault: optional(fault),
    mirror: optional(destination),
    mirrorPercentage: optional(percentage),
    mirrors: optional(list(mirror)),
    headers: optional(headers),
  },
  {
    unknown: "refuse",
    unsupported: {
      corsPolicy: "CORS (corsPolicy)",
      mirrorPercent: "the deprecated mirrorPercent, use mirrorPercentage",
      mirror_percent: "the deprecated mirror_percent, use mirrorPercentage",
    },
  },
);

export const virtualService: Decoder<VirtualService> = resource(
  "VirtualService",
  object<VirtualServiceSpec>(
    {
      hosts: optional(list(host({ star: true }))),
      gateways: optional(list(string)),
      http: optional(list(httpRoute)),
      exportTo: optional(list(string)),
    },
    {
      unknown: "refuse",
      unsupported: {
        tls: "routing of TLS connections (tls)",
        tcp: "routing of TCP connections (tcp)",
      },
    },
  ),
);
