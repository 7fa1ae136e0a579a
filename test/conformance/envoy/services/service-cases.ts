import type { CaseFile } from "../rig/recorded-case.ts";
import { extAuthzGrpcCases } from "./ext-authz-grpc-cases.ts";
import { extAuthzHttpCases } from "./ext-authz-http-cases.ts";
import { grpcBridgeCases } from "./grpc-bridge-cases.ts";
import { skywalkingCases } from "./skywalking-cases.ts";

export const serviceCases: readonly CaseFile[] = [
  ...grpcBridgeCases,
  ...extAuthzHttpCases,
  ...extAuthzGrpcCases,
  ...skywalkingCases,
];
