import type { MeshUnit } from "../mesh/mesh.ts";
import type { Styles } from "./styles.ts";

/** Who listens where, one line an address. */
export function drawAddresses(units: readonly MeshUnit[], styles: Styles): readonly string[] {
  const rows = units.flatMap(({ name, addresses }) =>
    addresses.map(({ what, port }, index) => ({
      name: index === 0 ? name : "",
      address: `http://localhost:${port}`,
      what,
    })),
  );
  const nameWidth = Math.max(0, ...rows.map(({ name }) => name.length));
  const addressWidth = Math.max(0, ...rows.map(({ address }) => address.length));
  return rows.map(
    ({ name, address, what }) =>
      `  ${name.padEnd(nameWidth)}  ${address.padEnd(addressWidth)}  ${styles.dim(what)}`,
  );
}
