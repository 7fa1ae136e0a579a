import type { CaseFile } from "../rig/recorded-case.ts";
import { mirrorCases } from "./mirror-cases.ts";

export const forwardingCases: readonly CaseFile[] = [...mirrorCases];
