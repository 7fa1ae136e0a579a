import { describe, expect, test } from "vitest";
import { readManifests } from "../read-manifests.ts";
import { goldenText } from "../test-manifests.ts";
import { analyze } from "./analyze.ts";

const services = `apiVersion: v1
kind: Service
metadata: { name: reviews }
spec: { ports: [{ name: http, port: 9080 }], selector: { app: reviews } }
---
apiVersion: v1
kind: Pod
metadata: { name: reviews-v1, labels: { app: reviews, version: v1 } }
spec: { containers: [{ name: r }] }
---
apiVersion: v1
kind: Pod
metadata: { name: edge, labels: { istio: ingressgateway } }
spec: { containers: [{ name: e }] }
---
apiVersion: v1
kind: Service
metadata: { name: edge }
spec: { ports: [{ name: http, port: 80, targetPort: 8080 }], selector: { istio: ingressgateway } }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews }
spec: { host: reviews, subsets: [{ name: v1, labels: { version: v1 } }] }
`;

/** `line:column severity code message` of everything found in the text, beside services that are right. */
function found(text: string): string[] {
  const { resources, problems } = readManifests([
    { path: "services.yaml", text: services },
    { path: "edit.yaml", text },
  ]);
  return [...problems, ...analyze(resources)].map(
    ({ file, line, column, severity, code = "-", message }) =>
      `${file}:${line}:${column} ${severity} ${code} ${message}`,
  );
}

const rule = (http: string, spec = "hosts: [reviews]") => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews }
spec:
  ${spec}
  http:
    - ${http}
`;
const to = (destination: string) => `route: [{ destination: ${destination} }]`;

test("nothing is wrong with the services the cases stand beside", () => {
  expect(found("")).toEqual([]);
});

test.each([
  ["host", rule(to("{ host: reveiws }")), "edit.yaml:7:38 error IST0101 unknown host"],
  [
    "subset",
    rule(to("{ host: reviews, subset: v9 }")),
    'edit.yaml:7:55 error IST0101 unknown subset "v9"',
  ],
  [
    "port",
    rule(to("{ host: reviews, port: { number: 1 } }")),
    "edit.yaml:7:63 error IST0101 host reviews has no port 1: known are 9080",
  ],
  [
    "gateway",
    rule(to("{ host: reviews }"), "hosts: [a.example]\n  gateways: [none]"),
    'edit.yaml:6:14 error IST0101 unknown gateway "none"',
  ],
  [
    "negative weight",
    rule("route: [{ destination: { host: reviews }, weight: -1 }]"),
    "error IST0106 spec.http[0].route[0].weight: weight -1 is negative",
  ],
  [
    "weights of zero",
    rule(
      "route: [{ destination: { host: reviews }, weight: 0 }, { destination: { host: reviews, subset: v1 }, weight: 0 }]",
    ),
    "error IST0106 the weights add up to 0",
  ],
  [
    "abort status",
    rule(`fault: { abort: { httpStatus: 99 } }\n      ${to("{ host: reviews }")}`),
    "error IST0106 spec.http[0].fault.abort.httpStatus: abort status 99",
  ],
  [
    "percentage",
    rule(
      `fault: { abort: { httpStatus: 500, percentage: { value: 101 } } }\n      ${to("{ host: reviews }")}`,
    ),
    "IST0106 spec.http[0].fault.abort.percentage.value: percentage 101",
  ],
  [
    "route and redirect",
    rule(`redirect: { uri: / }\n      ${to("{ host: reviews }")}`),
    "IST0106 route and redirect in one rule",
  ],
  ["nothing to do", rule("timeout: 1s"), "IST0106 the rule does nothing"],
  [
    "regex",
    rule(`match: [{ uri: { regex: "(?=a)" } }]\n      ${to("{ host: reviews }")}`),
    "RE2 has no look-around",
  ],
  [
    "short duration",
    rule(`timeout: 1us\n      ${to("{ host: reviews }")}`),
    "IST0106 spec.http[0].timeout: duration 1us is shorter than 1ms",
  ],
  [
    "unreadable duration",
    rule(`timeout: soon\n      ${to("{ host: reviews }")}`),
    'error - spec.http[0].timeout: "soon" is not a duration',
  ],
  [
    "redirect code",
    rule("redirect: { redirectCode: 200 }"),
    "IST0106 spec.http[0].redirect.redirectCode",
  ],
  [
    "retryOn",
    rule(`retries: { attempts: 1, retryOn: sometimes }\n      ${to("{ host: reviews }")}`),
    '"sometimes" is not a status code or one of',
  ],
  [
    "mirror and mirrors",
    rule(
      `mirror: { host: reviews }\n      mirrors: [{ destination: { host: reviews } }]\n      ${to("{ host: reviews }")}`,
    ),
    "IST0106 mirror and mirrors",
  ],
  [
    "star in the mesh",
    rule(to("{ host: reviews }"), 'hosts: ["*"]'),
    "IST0106 host * is for gateways",
  ],
  [
    "unknown field",
    rule(`retry: { attempts: 1 }\n      ${to("{ host: reviews }")}`),
    "edit.yaml:7:7 error - spec.http[0].retry: unknown field, allowed are",
  ],
  [
    "two kinds in a match",
    rule(`match: [{ uri: { exact: /a, prefix: /b } }]\n      ${to("{ host: reviews }")}`),
    "exact and prefix in one match",
  ],
  [
    "unreachable rule",
    rule(`${to("{ host: reviews }")}\n    - ${to("{ host: reviews, subset: v1 }")}`),
    "warning IST0130 rule 2 is never used",
  ],
  ["CORS", rule(`corsPolicy: {}\n      ${to("{ host: reviews }")}`), "not supported: CORS"],
])("names the place and the fault: %s", (_name, text, expected) => {
  expect(found(text).join("\n")).toContain(expected);
});

describe("across resources", () => {
  test("two VirtualServices for one mesh host are IST0109, at the younger one", () => {
    const second = rule(to("{ host: reviews }")).replace("name: reviews", "name: second");
    expect(found(`${rule(to("{ host: reviews }"))}---\n${second}`)).toEqual([
      "edit.yaml:13:11 error IST0109 default/reviews is already a VirtualService for reviews.default.svc.cluster.local: only the older one would count",
    ]);
  });

  const gateway = (selector: string, port: number, host: string) => `---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge }
spec:
  selector: { istio: ${selector} }
  servers: [{ port: { number: ${port}, name: http, protocol: HTTP }, hosts: ["${host}"] }]
`;
  const bound = rule(to("{ host: reviews }"), "hosts: [a.example]\n  gateways: [edge]");

  test.each([
    [
      "a selector that fits nothing",
      gateway("nobody", 80, "*"),
      "error IST0101 no workload has the labels",
    ],
    [
      "a port its Service does not have",
      gateway("ingressgateway", 8080, "*"),
      "warning IST0162 port 8080",
    ],
    [
      "a host the gateway does not have",
      gateway("ingressgateway", 80, "b.example"),
      "warning IST0132 none of the hosts",
    ],
  ])("%s", (_name, text, expected) => {
    expect(found(bound + text).join("\n")).toContain(expected);
  });

  test("a subset without a pod is IST0173, TLS origination and outlier detection are refused by name", () => {
    const dr = (spec: string) => `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: more }
spec: { host: reviews, ${spec} }
`;
    expect(found(dr("subsets: [{ name: v7, labels: { version: v7 } }]")).join()).toContain(
      "warning IST0173 subset v7",
    );
    expect(found(dr("trafficPolicy: { tls: { mode: SIMPLE } }")).join("\n")).toContain(
      "not supported: TLS origination",
    );
    expect(found(dr("trafficPolicy: { outlierDetection: {} }")).join("\n")).toContain(
      "not supported: outlier detection",
    );
  });

  test("an apiVersion that serves no such kind is an error, as is a kind nobody reads", () => {
    const wrong = rule(to("{ host: reviews }")).replace("io/v1", "io/v2");
    expect(found(wrong).join()).toContain(
      "networking.istio.io/v2 has no VirtualService, allowed are networking.istio.io/v1,",
    );
    expect(found("apiVersion: a/v1\nkind: Sidecar\n").join()).toContain("not supported: Sidecar");
  });

  test("broken YAML is a problem with a line, not an exception", () => {
    expect(found("a: [1\nb: }")[0]).toMatch(/^edit\.yaml:\d+:\d+ error - YAML: /);
  });
});

test("every field of the official bookinfo manifests is read without an error", () => {
  const { resources, problems } = readManifests([
    { path: "all.yaml", text: goldenText("every-field.yaml") },
  ]);
  const errors = [...problems, ...analyze(resources)].filter(
    ({ severity }) => severity === "error",
  );
  expect(errors).toEqual([]);
});
