/** /runtime and /runtime_modify. https://www.envoyproxy.io/docs/envoy/latest/operations/admin#get--runtime */
import { formatRuntimeValue } from "../runtime/runtime.ts";
import { type AdminEndpoint, badRequest, jsonAnswer } from "./admin-endpoint.ts";

export const runtimeEndpoint: AdminEndpoint = {
  path: "/runtime",
  help: "print runtime values",
  answer(_request, { context: { runtime } }) {
    const entries = runtime.keys().map((key) => [
      key,
      {
        final_value: formatRuntimeValue(runtime.get(key)),
        layer_values: runtime.layers.map(({ values }) => formatRuntimeValue(values.get(key))),
      },
    ]);
    return jsonAnswer({
      entries: Object.fromEntries(entries),
      layers: runtime.layers.map(({ name }) => name),
    });
  },
};

export const runtimeModifyEndpoint: AdminEndpoint = {
  path: "/runtime_modify",
  help: "Adds or modifies runtime values as passed in query parameters. To delete a previously added key, use an empty string as the value. E.g. ?key1=value1&key2=value2...",
  mutates: true,
  answer({ query }, { context: { runtime } }) {
    if (query.size === 0) {
      return badRequest(
        "usage: /runtime_modify?key1=value1&key2=value2&keyN=valueN\n       to delete a key, use an empty string as the value\n",
      );
    }
    if (runtime.modify(query)) return { body: "OK\n" };
    return { status: 503, body: "No admin layer specified\n" };
  },
};
