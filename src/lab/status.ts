import { isPlugged, type LabSite, type NodeState, nodeState } from "./node.ts";

/** A node as it is now. */
export interface NodeStatus {
  readonly name: string;
  readonly role: string;
  readonly address: string;
  /** A node that Vagrant knows may not be there yet. */
  readonly state: NodeState | "not created";
  readonly cable: "plugged" | "pulled" | "none";
}

/** How all nodes of a lab are. */
export const labStatus = async (site: LabSite): Promise<readonly NodeStatus[]> =>
  Promise.all(
    site.record.nodes.map(async ({ name, role, address }) => {
      const plugged = await isPlugged(site, name);
      const cable = plugged === null ? "none" : plugged ? "plugged" : "pulled";
      return { name, role, address, state: await nodeState(site, name), cable } as const;
    }),
  );

/** A status as aligned columns, one line per node. */
export const statusLines = (nodes: readonly NodeStatus[]): readonly string[] => {
  const rows = nodes.map(({ name, role, address, state, cable }) => [
    name,
    role,
    address,
    state,
    cable === "none" ? "" : `cable ${cable}`,
  ]);
  const width = (column: number): number => Math.max(0, ...rows.map((row) => (row[column] ?? "").length));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(width(column)))
      .join("  ")
      .trimEnd(),
  );
};
