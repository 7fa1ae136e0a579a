import {
  createKitApp,
  integer,
  type ServiceDefinition,
  type ServiceParts,
  SettingsError,
} from "@tracemesh/service-kit";
import type { Express } from "express";
import { activate } from "./activator.ts";
import { createHello } from "./hello.ts";
import { createRevision } from "./revision.ts";

/** A day, in milliseconds. */
const maxIdleMs = 86_400_000;

/** Knative's hello world. With SCALE_TO_ZERO_AFTER_MS its process runs only while there are requests, and that long after. */
export function createApp(parts: ServiceParts): Express {
  const { env, log } = parts;
  const problems: string[] = [];
  const idleMs = integer(env, "SCALE_TO_ZERO_AFTER_MS", 0, maxIdleMs, 0, problems);
  if (problems.length > 0) throw new SettingsError(problems);
  if (idleMs === 0) return createKitApp(parts, (app) => void app.use(createHello(env["TARGET"])));
  const revision = createRevision({
    env: { PATH: env["PATH"], TARGET: env["TARGET"] },
    idleMs,
    log,
  });
  parts.onStop(revision.stop);
  return createKitApp(parts, (app) => void app.use(activate(revision, parts)));
}

export const service: ServiceDefinition = {
  name: "helloworld",
  defaults: { PORT: "9086" },
  createApp,
};
