/** What is asked of the proxy, one thing after the other, each with a name. */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestCertificates } from "../../../../packages/envoy/src/tls/test-certificates.ts";
import { exchangeDatagrams, handshake, http2Request, request, talk, tcp, tls } from "./clients.ts";
import type { ListenerName } from "./listener-configuration.ts";
import { endsFirstReceived } from "./upstreams.ts";

export interface StepInput {
  readonly ports: Readonly<Record<ListenerName, number>>;
  readonly certificates: TestCertificates;
}

export type Step = (input: StepInput) => Promise<unknown>;

const get = { send: "GET / HTTP/1.1\r\nhost: a.test\r\nconnection: close\r\n\r\n" };

/** A request to the listener that sends it to the named cluster. */
function via(cluster: string, host = "a.test", path = "/"): Step {
  return ({ ports }) =>
    request(tcp(ports["upstreams"]), path, { host, "x-cluster": cluster }).then((answer) =>
      // The head of what came back and, where the service was reached, what it saw.
      answer.replace(/^date: .*\n/m, ""),
    );
}

export const steps: Readonly<Record<string, Step>> = {
  "HTTP/1 over TLS 1.3": ({ ports }) => request(tls(ports.https)),
  "HTTP/1 over TLS 1.2": ({ ports }) => request(tls(ports.https, { maxVersion: "TLSv1.2" })),
  "a certificate of the kind the client can verify": async ({ ports }) => [
    await handshake(ports.https, { sigalgs: "ecdsa_secp256r1_sha256" }),
    await handshake(ports.https, { sigalgs: "rsa_pss_rsae_sha256" }),
    await handshake(ports.https, { servername: "ec.test" }),
    await handshake(ports.https, { servername: "x.wild.test" }),
  ],
  "versions and cipher suites as configured": async ({ ports }) => [
    await handshake(ports.old),
    await handshake(ports.old, { minVersion: "TLSv1.3" }),
    await handshake(ports.old, { ciphers: "ECDHE-RSA-AES128-GCM-SHA256" }),
  ],
  ALPN: async ({ ports }) => [
    await handshake(ports.alpn, { ALPNProtocols: ["http/1.1", "h2"] }),
    await handshake(ports.alpn, { ALPNProtocols: ["http/1.1"] }),
    await handshake(ports.alpn, { ALPNProtocols: ["other"] }),
    await handshake(ports.alpn),
    await handshake(ports.https, { ALPNProtocols: ["h2"] }),
  ],
  "HTTP/2 by ALPN": ({ ports }) => http2Request(ports.alpn),
  "HTTP/1 where ALPN has nothing in common": ({ ports }) =>
    request(tls(ports.alpn, { ALPNProtocols: ["other"] })),
  "plain bytes where TLS is spoken": ({ ports }) => talk(tcp(ports.https), [get, "closed"]),
  "a client certificate that is required": async ({ ports, certificates }) => {
    const mine = { key: certificates.read("client.key"), cert: certificates.read("client.pem") };
    return [
      await request(tls(ports.mutual, mine)),
      await talk(tls(ports.mutual), [get, "closed"]),
      await talk(tls(ports.mutual, { maxVersion: "TLSv1.2" }), [get, "closed"]),
    ];
  },
  "x-forwarded-client-cert": async ({ ports, certificates }) => {
    const mine = { key: certificates.read("client.key"), cert: certificates.read("client.pem") };
    const before = { "x-forwarded-client-cert": "By=before" };
    const answers: string[] = [];
    for (const name of ["xfcc-set", "xfcc-append", "xfcc-forward"] as const) {
      answers.push(await request(tls(ports[name], mine), "/", before));
      answers.push(await request(tls(ports[name]), "/", before));
    }
    return answers;
  },
  "require_tls over plain TCP": ({ ports }) => request(tcp(ports.redirect), "/x?y"),

  "an upstream with TLS": via("plain-tls"),
  "an upstream with TLS 1.3": via("newest"),
  "a certificate that is trusted": via("trusted"),
  "a certificate that is not trusted": via("untrusted"),
  "one that is accepted all the same": via("untrusted-accepted"),
  "a name by wildcard": via("san"),
  "a name that is a URI": via("san-uri"),
  "a name that does not match": via("san-wrong"),
  "another hash": via("hash-wrong"),
  "an upstream without TLS": via("not-tls"),
  "an upstream that is too old": via("too-old"),
  "an upstream that wants a certificate": via("no-client-certificate"),
  "an upstream that gets one": via("client-certificate"),
  "SNI from the file": via("sni"),
  "SNI from the request": via("auto-sni", "request.test:80"),
  "SNI from the rewritten host": via("auto-sni", "request.test", "/rewritten"),
  "no SNI for an address": via("auto-sni", "127.0.0.1:80"),
  "the request's host in the certificate": via("auto-san", "server.test:80"),
  "the request's host not in the certificate": via("auto-san", "nobody.test"),
  "an upstream with HTTP/2": via("h2"),
  "HTTP/2 chosen by ALPN": via("choose-h2"),
  "HTTP/1 chosen by ALPN": via("choose-http1"),

  "each direction of TCP ends by itself": ({ ports }) =>
    talk(tcp(ports["half-close"]), [{ send: "hi" }, { until: "first" }, "end", "closed"]),
  "an endpoint that ends first is still sent to": async ({ ports }) => {
    endsFirstReceived.length = 0;
    const socket = tcp(ports["ends-first"]);
    const heard = await talk(socket, ["closed", { send: "still here" }, "end", "closed"]);
    return heard;
  },
  "an endpoint that resets": ({ ports }) => talk(tcp(ports.resets), [{ send: "hi" }, "closed"]),
  "TLS around TCP": ({ ports }) =>
    talk(tls(ports["tcp-tls"]), [{ send: "hi" }, { until: "first" }, "end", "closed"]),
  "endpoints that cannot be reached": async ({ ports }) => {
    const names = ["dead", "dead-three", "no-cluster", "no-endpoint"] as const;
    const heard: string[] = [];
    for (const name of names) heard.push(await talk(tcp(ports[name]), ["closed"]));
    return heard;
  },
  "no more connections than allowed": async ({ ports }) => {
    const first = tcp(ports["one-connection"]);
    first.write("hi");
    await once(first, "data");
    const second = await talk(tcp(ports["one-connection"]), ["closed"]);
    first.destroy();
    return second;
  },
  "an idle connection": ({ ports }) =>
    talk(tcp(ports.idle), [{ send: "hi" }, { until: "first" }, "closed"]),
  "weighted clusters": async ({ ports }) => {
    const heard = new Set<string>();
    for (let i = 0; i < 40; i++)
      heard.add(await talk(tcp(ports.weighted), [{ send: "hi" }, { until: "t" }]));
    return [...heard].map((text) => text.replace("|end", "")).toSorted();
  },

  "a filter chain by name and protocol": async ({ ports }) => {
    const chosen: string[] = [];
    for (const [servername, protocols] of [
      ["www.a.test", []],
      ["WWW.A.test", ["x"]],
      ["b.a.test", []],
      ["c.b.a.test", ["x"]],
      ["server.test", []],
      ["nobody.test", ["y", "x"]],
    ] as const)
      chosen.push(await request(tls(ports.chains, { servername, ALPNProtocols: [...protocols] })));
    chosen.push(await request(tcp(ports.chains)));
    return chosen.map((answer) => answer.split("\n").at(-1));
  },
  "no filter chain": ({ ports }) => handshake(ports.chains, { servername: "nobody.test" }),
  "a client that says nothing": async ({ ports }) => {
    const begun = performance.now();
    await talk(tcp(ports.chains), ["closed"]);
    return performance.now() - begun < 2000 ? "closed in time" : "not closed";
  },
  "the default filter chain": async ({ ports }) =>
    (await request(tcp(ports.default))).split("\n").at(-1),
  "a filter chain by the version of HTTP": async ({ ports }) => [
    (await request(tcp(ports.http))).split("\n").at(-1),
    await talk(tcp(ports.http), [{ send: "neither\r\n" }, { until: "only this" }]),
    await talk(tcp(ports.http), [{ until: "only this" }]),
  ],
  "datagrams, each client in a session of its own": async ({ ports }) => [
    await exchangeDatagrams(ports.udp, ["one", "two"]),
    await exchangeDatagrams(ports.udp, ["three"]),
    await exchangeDatagrams(ports["udp-nowhere"], ["nobody hears this"], 300),
  ],
  "a session that is idle": async ({ ports }) => {
    const first = await exchangeDatagrams(ports.udp, ["four"]);
    await sleep(600);
    return first;
  },
  "a filter chain without filters": ({ ports }) => talk(tcp(ports["no-filters"]), ["closed"]),
};
