import type { Json } from "../core/value.ts";
import { gatewayAddress, type Role, subnetPrefix, vipAddress } from "./names.ts";
import type { LabPaths, LabRecord } from "./state.ts";

/** Further variables, by group (`all`, `lb`, `web`, `clients`). */
export type GroupVars = Readonly<Record<string, Readonly<Record<string, Json>>>>;

/** The user that playbooks log in as; becomes root by sudo without a password. */
const LOGIN = "admin";

/** The group of each role; none is named as a node is, which Ansible warns of. */
const GROUPS: Readonly<Record<Role, string>> = { lb: "lb", web: "web", client: "clients" };

/** A host of an inventory: its role is its group. */
export interface InventoryHost {
  readonly name: string;
  readonly role: Role;
  readonly vars: Vars;
}

type Vars = Readonly<Record<string, Json>>;

/** A lab as an inventory in YAML: groups lb, web and clients, and where the virtual IP may be. */
export const inventoryText = (paths: LabPaths, record: LabRecord, groupVars: GroupVars = {}): string => {
  const all: Vars = {
    ansible_user: LOGIN,
    ansible_ssh_private_key_file: paths.key,
    ansible_ssh_common_args: `-o UserKnownHostsFile=${paths.knownHosts} -o StrictHostKeyChecking=yes`,
    lab_name: record.name,
    lab_vip: vipAddress(record.id),
    lab_prefix_length: 24,
    lab_subnet: `${subnetPrefix(record.id)}.0/24`,
    lab_gateway: gatewayAddress(record.id),
    lab_interface: "host0",
    ...groupVars.all,
  };
  const hosts = record.nodes.map(({ name, role, address }) => ({
    name,
    role,
    vars: { ansible_host: address },
  }));
  return hostsText(all, hosts, groupVars);
};

/** Hosts in their groups, as an inventory in YAML. */
export const hostsText = (all: Vars, hosts: readonly InventoryHost[], groupVars: GroupVars): string => {
  const groups = (["lb", "web", "client"] as const).map((role) =>
    groupText(hosts, role, groupVars[GROUPS[role]] ?? {}),
  );
  return `all:\n  vars:\n${varsText(all, "    ")}  children:\n${groups.join("")}`;
};

const groupText = (all: readonly InventoryHost[], role: Role, vars: Vars): string => {
  const hosts = all
    .filter((host) => host.role === role)
    .map((host) => `        ${host.name}:\n${varsText(host.vars, "          ")}`)
    .join("");
  const own = Object.keys(vars).length === 0 ? "" : `      vars:\n${varsText(vars, "        ")}`;
  return `    ${GROUPS[role]}:\n      hosts:${hosts === "" ? " {}\n" : `\n${hosts}`}${own}`;
};

/** JSON is YAML. */
const varsText = (vars: Vars, indent: string): string =>
  Object.entries(vars)
    .map(([name, value]) => `${indent}${name}: ${JSON.stringify(value)}\n`)
    .join("");
