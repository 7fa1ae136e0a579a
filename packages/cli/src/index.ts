// For users

export { ComposeError, type Problem } from "./compose/problem.ts";
export {
  type MeshOptions,
  type MeshUnit,
  type RunningMesh,
  startMesh,
} from "./mesh/mesh.ts";
export type { UnitAddress } from "./mesh/running-unit.ts";
export { PortsTakenError, type TakenPort } from "./ports/port-check.ts";

// For other packages

export { findFreePorts } from "./ports/port-check.ts";
export {
  buildTraceTree,
  type TraceNode,
  type TraceSpan,
  type TraceTree,
} from "./terminal/trace-model.ts";
