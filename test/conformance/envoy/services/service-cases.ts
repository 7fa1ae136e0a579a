import type { CaseFile } from "../rig/recorded-case.ts";
import { grpcBridgeCases } from "./grpc-bridge-cases.ts";

export const serviceCases: readonly CaseFile[] = [...grpcBridgeCases];
