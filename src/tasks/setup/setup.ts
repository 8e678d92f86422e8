import { map } from "../../core/probe.ts";
import { defineState } from "../../core/task.ts";
import type { Value } from "../../core/value.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { type Gathered, gather, type Subsets } from "./gather.ts";
import { hardwareFacts } from "./hardware.ts";
import { localFacts } from "./local.ts";
import { dnsFacts, networkFacts } from "./network.ts";
import { distributionFacts, type Facts, platformFacts } from "./platform.ts";
import { type SetupParams, schema } from "./schema.ts";
import { sessionFacts } from "./session.ts";
import { virtualFacts } from "./virtual.ts";

/** Gathers facts about a node, under the names that Ansible gives them. */
export const setup = defineState<SetupParams, Facts, PlannedChange>({
  kind: "state",
  name: "setup",
  aliases: ["ansible.builtin.setup", "gather_facts", "ansible.builtin.gather_facts"],
  summary: "Gathers facts about a node, under the names that Ansible gives them.",
  schema,
  example: `- ansible.builtin.setup:
    gather_subset: ["!all", network]
    filter: "*ipv4*"
`,
  rules: ({ gather_subset }) =>
    gather_subset
      .filter((name) => !KNOWN.has(name.replace(/^!/, "")))
      .map((name) => `${name} is no subset of facts: ${[...KNOWN].join(", ")}`),
  inspect: (params) => {
    const wanted = wantedSubsets(params.gather_subset);
    return map(gather(wanted, params.fact_path), (gathered) => factsOf(gathered, wanted));
  },
  diff: () => ({ kind: "converged" }),
  view: viewOf,
  apply: actionsOf,
  result: ({ gather_subset, filter }, facts) => ({
    ansible_facts: named(facts, filter, gather_subset),
  }),
});

interface Wanted extends Subsets {
  readonly min: boolean;
  /** Further parts asked for by name. */
  readonly parts: ReadonlySet<string>;
}

/** Parts of the minimum; each can be asked for alone. */
const MIN_PARTS = [
  "apparmor",
  "cmdline",
  "date_time",
  "distribution",
  "dns",
  "env",
  "fips",
  "local",
  "lsb",
  "pkg_mgr",
  "platform",
  "selinux",
  "service_mgr",
  "ssh_pub_keys",
  "system",
  "user",
];

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  hardware: ["hardware", "devices", "mounts", "processor", "memory", "dmi", "loadavg"],
  network: [
    "network",
    "interfaces",
    "default_ipv4",
    "default_ipv6",
    "all_ipv4_addresses",
    "all_ipv6_addresses",
  ],
  virtual: ["virtual", "virtualization_type", "virtualization_role"],
};

const KNOWN = new Set(["all", "min", ...Object.values(GROUPS).flat(), ...MIN_PARTS]);

/** As Ansible reads the list: only exclusions start from everything, anything named starts from the minimum. */
const wantedSubsets = (subset: readonly string[]): Wanted => {
  const named = subset.filter((name) => !name.startsWith("!"));
  const excluded = new Set(subset.filter((name) => name.startsWith("!")).map((name) => name.slice(1)));
  const everything = named.includes("all") || (named.length === 0 && !excluded.has("all"));
  const group = (name: string): boolean =>
    (everything || (GROUPS[name] ?? []).some((part) => named.includes(part))) && !excluded.has(name);
  return {
    hardware: group("hardware"),
    network: group("network"),
    virtual: group("virtual"),
    min: !excluded.has("min"),
    parts: new Set(named.filter((name) => MIN_PARTS.includes(name))),
  };
};

/** A part of the minimum that is asked for by name comes with its whole file of facts. */
const factsOf = (gathered: Gathered, wanted: Wanted): Facts => {
  const min = wanted.min || wanted.parts.size > 0;
  return {
    ...(min ? platformFacts(gathered) : {}),
    ...(min ? distributionFacts(gathered) : {}),
    ...(min ? sessionFacts(gathered) : {}),
    ...(min ? dnsFacts(gathered) : {}),
    ...(min ? localFacts(gathered) : {}),
    ...(wanted.hardware ? hardwareFacts(gathered) : {}),
    ...(wanted.network ? networkFacts(gathered) : {}),
    ...(wanted.virtual ? virtualFacts(gathered) : {}),
  };
};

/** Under the names that playbooks use; these two have no prefix. */
const named = (facts: Facts, filter: readonly string[], subset: readonly string[]): Value => {
  const patterns = filter.filter((pattern) => pattern !== "").map(pattern);
  const kept = Object.entries(facts).filter(
    ([name]) =>
      patterns.length === 0 || patterns.some((one) => one.test(name) || one.test(`ansible_${name}`)),
  );
  return new Map<Value, Value>([
    ...kept.map(([name, value]) => [`ansible_${name}`, value] as const),
    ["gather_subset", [...subset]],
    ["module_setup", true],
  ]);
};

const pattern = (glob: string): RegExp =>
  new RegExp(
    `^${glob.replace(/[.*+?^${}()|\\]/g, (character) =>
      character === "*" ? ".*" : character === "?" ? "." : `\\${character}`,
    )}$`,
  );
