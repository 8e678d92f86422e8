import { createHash } from "node:crypto";
import { LbplayError } from "../core/error.ts";

/** What a node is for; also its group in the inventory. */
export type Role = "lb" | "web" | "client";

/** A node as asked for. */
export interface NodeSpec {
  readonly name: string;
  readonly role: Role;
  /** Packages that this node has from the start, beside those of all nodes. */
  readonly packages?: readonly string[];
}

/** The pair, two web servers and somebody who looks at them. */
export const STANDARD_NODES: readonly NodeSpec[] = [
  { name: "lb1", role: "lb" },
  { name: "lb2", role: "lb" },
  { name: "web1", role: "web" },
  { name: "web2", role: "web" },
  { name: "client", role: "client" },
];

/** The names that one lab uses on its host; all follow from its subnet, which no two labs share. */
export interface HostNames {
  readonly bridge: string;
  readonly table: string;
  /** Below the root of each cgroup hierarchy. */
  readonly cgroup: string;
}

/** The lab's id, four hexadecimal digits: the middle bytes of its subnet 10.A.B.0/24. */
export const labId = (a: number, b: number): string =>
  a.toString(16).padStart(2, "0") + b.toString(16).padStart(2, "0");

/** `10.A.B` of an id. */
export const subnetPrefix = (id: string): string =>
  `10.${Number.parseInt(id.slice(0, 2), 16)}.${Number.parseInt(id.slice(2, 4), 16)}`;

/** The names of a lab's bridge, nft table and cgroup. */
export const hostNames = (id: string): HostNames => ({
  bridge: `lbp${id}`,
  table: `lbplay_${id}`,
  cgroup: `lbplay/${id}`,
});

/** The name under which systemd-nspawn knows a node. */
export const machineName = (node: string, id: string): string => `${node}-${id}`;

/** The host's end of a node's cable, as systemd-nspawn names it; at most 15 characters. */
export const vethName = (node: string, id: string): string => `vb-${machineName(node, id)}`;

/** Host bytes of the first node of each role; web nodes and clients may be many. */
const FIRST_HOST: Readonly<Record<Role, number>> = { lb: 11, web: 31, client: 71 };
/** Nodes of one role. */
const MOST_OF_A_ROLE = 20;

/** The address for a virtual IP: never a node's. */
export const vipAddress = (id: string): string => `${subnetPrefix(id)}.100`;

/** The bridge's address: the nodes' gateway. */
export const gatewayAddress = (id: string): string => `${subnetPrefix(id)}.1`;

/** The address of each node, by name. */
export const nodeAddresses = (nodes: readonly NodeSpec[], id: string): ReadonlyMap<string, string> => {
  const taken: Record<Role, number> = { lb: 0, web: 0, client: 0 };
  return new Map(
    nodes.map(({ name, role }) => {
      const host = FIRST_HOST[role] + taken[role];
      taken[role] += 1;
      return [name, `${subnetPrefix(id)}.${host}`];
    }),
  );
};

/** `lab-` and eight hexadecimal digits of a checkout's path: two checkouts get two labs. */
export const defaultLabName = (checkout: string): string =>
  `lab-${createHash("sha256").update(checkout).digest("hex").slice(0, 8)}`;

/** The role that a node's name tells: lb1 is a load balancer, web2 a web server, everything else a client. */
export const roleOf = (name: string): Role => {
  if (/^lb/.test(name)) return "lb";
  return /^web/.test(name) ? "web" : "client";
};

/** Refuses names that could not name a bridge's port, a directory or a host; E_LAB_NAME. */
export const checkNames = (lab: string, nodes: readonly NodeSpec[]): void => {
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(lab)) {
    throw new LbplayError({
      code: "E_LAB_NAME",
      message: `'${lab}' cannot name a lab`,
      hint: "use at most 32 lower-case letters, digits and hyphens",
    });
  }
  for (const { name } of nodes) {
    if (/^[a-z][a-z0-9]{0,6}$/.test(name)) continue;
    throw new LbplayError({
      code: "E_LAB_NAME",
      message: `'${name}' cannot name a node`,
      hint: "use a lower-case letter and at most six letters and digits: the name is part of a network interface's",
    });
  }
  const twice = nodes.find((node, index) => nodes.findIndex(({ name }) => name === node.name) !== index);
  if (twice !== undefined) {
    throw new LbplayError({ code: "E_LAB_NAME", message: `the node ${twice.name} is asked for twice` });
  }
  const crowded = (["lb", "web", "client"] as const).find(
    (role) => nodes.filter((node) => node.role === role).length > MOST_OF_A_ROLE,
  );
  if (crowded !== undefined) {
    throw new LbplayError({
      code: "E_LAB_NAME",
      message: `more than ${MOST_OF_A_ROLE} nodes of the role ${crowded}`,
    });
  }
};
