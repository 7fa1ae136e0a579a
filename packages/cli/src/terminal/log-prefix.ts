import type { Styles } from "./styles.ts";

/** Puts the service's name before each line it logs, as `docker compose up` does. */
export function createLogPrefix(
  styles: Styles,
): (service: string, text: string) => readonly string[] {
  const services: string[] = [];
  let width = 0;
  return (service, text) => {
    if (!services.includes(service)) {
      services.push(service);
      width = Math.max(width, service.length);
    }
    const prefix = styles.colour(services.indexOf(service), `${service.padEnd(width)} |`);
    return text
      .replace(/\n$/, "")
      .split("\n")
      .map((line) => `${prefix} ${line}`);
  };
}
