/**
 * Values that differ from run to run become names, in order of first use, so that what is linked stays linked: the id in a
 * header and the id in a span are the same name or the runs differ.
 */
import type { CaseDefinition, Outcome } from "./recorded-case.ts";

const hexId = /(?<![0-9A-Za-z])(?:[0-9a-f]{32}|[0-9a-f]{16})(?![0-9A-Za-z])/g;
const uuid = /\b[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
const httpDate = /\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g;
const isoTime = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?/g;

export interface VolatileValues {
  /** Ports, addresses, clocks and the case's own masks. */
  plain(text: string): string;
  /** The same, and every id that is not the case's own by its name. */
  named(text: string): string;
  /** The same, and every such id as one and the same word: for sorting before ids have names. */
  anonymous(text: string): string;
  portName(port: string): string;
}

export function createVolatileValues(definition: CaseDefinition, outcome: Outcome): VolatileValues {
  const { envoyYaml, moreProxies, requests, after, upstream, args } = definition;
  const own = JSON.stringify([envoyYaml, moreProxies, requests, after, upstream, args]);
  const portNames = new Map(
    Object.entries(outcome.recordedPorts).map(([name, port]) => [String(port), `{{${name}}}`]),
  );
  const portName = (port: string) =>
    portNames.get(port) ?? (Number(port) > 1024 ? "{{EPHEMERAL}}" : port);
  const masks = (definition.volatile ?? []).map(
    ({ match, as }) => [new RegExp(match, "g"), as] as const,
  );
  const ids = new Map<string, string>();
  const uuids = new Map<string, string>();

  const plain = (text: string) => {
    let result = masks.reduce((masked, [pattern, as]) => masked.replace(pattern, as), text);
    if (outcome.recordedLocalIp)
      result = result.replaceAll(outcome.recordedLocalIp, "{{LOCAL_IP}}");
    return result
      .replace(
        /127\.0\.0\.1([_:])(\d+)/g,
        (_, sign: string, port: string) => `127.0.0.1${sign}${portName(port)}`,
      )
      .replace(/("port_value": ?)(\d+)/g, (_, key: string, port: string) => key + portName(port))
      .replace(httpDate, "<http-date>")
      .replace(isoTime, "<iso-time>");
  };
  // A request id of the case's own stays itself, also where only its reason nibble was rewritten.
  const isOwnUuid = (id: string) => new RegExp(`${id.slice(0, 14)}.${id.slice(15)}`).test(own);
  const isOwnId = (id: string) => own.includes(id) || /^0+$/.test(id);
  const remember = (known: Map<string, string>, id: string, name: string) => {
    if (!known.has(id)) known.set(id, name);
    return known.get(id) as string;
  };
  return {
    plain,
    portName,
    named: (text) =>
      plain(text)
        .replace(uuid, (id, nibble: string) =>
          isOwnUuid(id) ? id : remember(uuids, id, `<uuid-${nibble}-${uuids.size + 1}>`),
        )
        .replace(hexId, (id) =>
          isOwnId(id) ? id : remember(ids, id, `<id${id.length * 4}-${ids.size + 1}>`),
        ),
    anonymous: (text) =>
      plain(text)
        .replace(uuid, "<uuid>")
        .replace(hexId, (id) => (isOwnId(id) ? id : "<id>")),
  };
}
