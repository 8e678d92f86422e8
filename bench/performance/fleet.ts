import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execOnNode } from "../../src/lab/exec.ts";
import type { Lab } from "../../src/lab/lab.ts";
import { gatewayAddress, vipAddress } from "../../src/lab/names.ts";
import { delayedWay } from "./delay.ts";

/** The nodes as contestants reach them. */
export interface Fleet {
  readonly inventory: string;
  /** A home directory, so that what the operator's says has no part in it. */
  readonly home: string;
  readonly nodes: readonly FleetNode[];
  readonly close: () => Promise<void>;
}

/** One node, and the words with which ssh gets there. */
export interface FleetNode {
  readonly name: string;
  readonly role: "lb" | "web";
  readonly ssh: readonly string[];
}

/** The load balancers and web servers of a lab, directly or over a network of this round-trip time. */
export const fleetOf = async (lab: Lab, directory: string, roundTripMs: number): Promise<Fleet> => {
  const { paths, record } = lab.site;
  const members = record.nodes.flatMap(({ name, role, address }) =>
    role === "lb" || role === "web" ? [{ name, role, address }] : [],
  );
  const ways = await Promise.all(
    members.map(({ address }) =>
      roundTripMs === 0 ? null : delayedWay({ host: address, port: 22 }, roundTripMs),
    ),
  );
  const known = await readFile(paths.knownHosts, "utf8");
  const knownHosts = join(directory, `known_hosts-${roundTripMs}`);
  const lines = members.map(({ address }, index) => {
    const line = known.split("\n").find((one) => one.split(" ")[0]?.split(",").includes(address)) ?? "";
    const way = ways[index];
    return way ? line.replace(/^\S+/, `[127.0.0.1]:${way.port}`) : line;
  });
  await writeFile(knownHosts, `${lines.join("\n")}\n`);
  const options = [
    "-i",
    paths.key,
    "-o",
    `UserKnownHostsFile=${knownHosts}`,
    "-o",
    "StrictHostKeyChecking=yes",
  ];
  const places = members.map(({ address }, index) => {
    const way = ways[index];
    return way ? { host: "127.0.0.1", port: way.port } : { host: address, port: 22 };
  });
  const inventory = join(directory, `inventory-${roundTripMs}.yaml`);
  const group = (role: "lb" | "web"): object => ({
    hosts: Object.fromEntries(
      members.flatMap(({ name, role: own, address }, index) =>
        own === role
          ? [[name, { address, ansible_host: places[index]?.host, ansible_port: places[index]?.port }]]
          : [],
      ),
    ),
  });
  // JSON is YAML.
  await writeFile(
    inventory,
    JSON.stringify({
      all: {
        vars: {
          ansible_user: "admin",
          ansible_ssh_private_key_file: paths.key,
          ansible_ssh_common_args: options.slice(2).join(" "),
          ansible_python_interpreter: "/usr/bin/python3",
          lab_vip: vipAddress(record.id),
          lab_prefix_length: 24,
          lab_gateway: gatewayAddress(record.id),
          lab_interface: "host0",
        },
        children: { lb: group("lb"), web: group("web") },
      },
    }),
  );
  return {
    inventory,
    home: directory,
    nodes: members.map(({ name, role }, index) => ({
      name,
      role,
      ssh: ["ssh", ...options, "-p", String(places[index]?.port), `admin@${places[index]?.host}`],
    })),
    close: async () => {
      for (const way of ways) await way?.close();
    },
  };
};

/** Runs a script on every node of the fleet as root, by no contestant's way. */
export const onAll = async (lab: Lab, { nodes }: Fleet, script: string): Promise<void> => {
  await Promise.all(
    nodes.map(async ({ name }) => {
      const { code, stderr } = await execOnNode(lab.site, name, script);
      if (code !== 0) throw new Error(`on ${name}, exit ${code}: ${script}\n${stderr}`);
    }),
  );
};
