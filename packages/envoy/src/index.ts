// For users.
export { main } from "./main.ts";
export {
  ConfigError,
  type EnvoyOptions,
  type RunningEnvoy,
  startEnvoy,
  validateEnvoy,
} from "./start-envoy.ts";
