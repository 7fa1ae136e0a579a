// biome-ignore-all lint/suspicious/noConsole: an example prints what it found
import { analyze, formatProblem, readManifests, renderWorkload } from "@tracemesh/istio";

const text = `
apiVersion: v1
kind: Service
metadata: { name: reviews }
spec: { ports: [{ name: http, port: 9080 }], selector: { app: reviews } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: reviews-v1 }
spec:
  selector: { matchLabels: { app: reviews } }
  template:
    metadata: { labels: { app: reviews, version: v1 } }
    spec: { containers: [{ name: reviews }] }
`;
const { resources, problems } = readManifests([{ path: "reviews.yaml", text }]);
for (const problem of [...problems, ...analyze(resources)]) console.log(formatProblem(problem));
console.log(JSON.stringify(renderWorkload(resources, "reviews-v1").bootstrap["node"]));
