import { type Probe, type ReadResult, read } from "../../core/probe.ts";
import type { Schema } from "../../core/schema.ts";
import { defineState, type Plan, planOf } from "../../core/task.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { labelled } from "../shared-probes/label.ts";
import { SEMANAGE, semanageFault } from "../shared-probes/semanage.ts";

/** Parameters of seport, under community.general.seport's names. */
interface SeportParams {
  readonly ports: readonly string[];
  readonly proto: "tcp" | "udp" | "sctp" | "dccp";
  readonly setype: string;
  readonly state: "present" | "absent";
  readonly reload: boolean;
  readonly ignore_selinux_state: boolean;
  readonly local: boolean;
}

/** Which type each port or range has, by `proto/port`. */
interface SeportFacts {
  readonly all: ReadonlyMap<string, readonly string[]>;
  /** What was changed on this node; it goes before the policy. */
  readonly local: ReadonlyMap<string, readonly string[]>;
  readonly fault: string | null;
}

const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["ports", "proto", "setype"],
  properties: {
    ports: {
      type: "array",
      items: { type: "string", pattern: "^[0-9]+(-[0-9]+)?$" },
      minItems: 1,
      description: "Ports or ranges: 8404, 9000-9010.",
    },
    proto: { type: "string", enum: ["tcp", "udp", "sctp", "dccp"], description: "Their protocol." },
    setype: {
      type: "string",
      pattern: "^[A-Za-z0-9_]+$",
      description: "The type that they have, e.g. http_port_t, on which HAProxy may listen.",
    },
    state: {
      type: "string",
      enum: ["present", "absent"],
      default: "present",
      description: "absent takes back what was added on the node; the policy's own ports stay.",
    },
    reload: { type: "boolean", default: true, description: "Load the policy afterwards." },
    ignore_selinux_state: {
      type: "boolean",
      default: false,
      description: "Only false: where SELinux is disabled no policy can be changed.",
    },
    local: {
      type: "boolean",
      default: false,
      description: "Only what was changed on the node counts, not what the policy says itself.",
    },
  },
};

/** Keeps the types that SELinux gives to ports. */
export const seport = defineState<SeportParams, SeportFacts, PlannedChange>({
  kind: "state",
  name: "seport",
  aliases: ["community.general.seport"],
  summary: "Keeps the types that SELinux gives to ports.",
  schema,
  example: `- community.general.seport:
    ports: ["8404", 9000-9010]
    proto: tcp
    setype: http_port_t
`,
  rules: ({ ignore_selinux_state }) =>
    ignore_selinux_state ? ["ignore_selinux_state is not supported: skip the task with when"] : [],
  inspect: () => portTypes,
  diff,
  view: viewOf,
  apply: actionsOf,
  result: ({ ports, proto, setype, state }) => ({ ports, proto, setype, state }),
});

/** semanage takes a second to start: all tasks share the read. */
const portTypes: Probe<SeportFacts> = read(
  labelled("SELinux port types", [
    ...SEMANAGE,
    "semanage port -l -n || exit",
    "echo --local",
    "semanage port -l -C -n",
  ]),
  (answer: ReadResult) => {
    const [all = "", local = ""] = answer.stdout.toString("utf8").split("--local\n");
    return { all: typesIn(all), local: typesIn(local), fault: semanageFault(answer) };
  },
);

/** `http_port_t   tcp   80, 81, 443`; the narrowest range comes first where several have a port. */
const typesIn = (text: string): ReadonlyMap<string, readonly string[]> => {
  const types = new Map<string, readonly string[]>();
  for (const line of text.split("\n")) {
    const [, type, proto, ports] = /^(\S+)\s+(tcp|udp|sctp|dccp)\s+(.*)$/.exec(line) ?? [];
    if (type === undefined || proto === undefined || ports === undefined) continue;
    for (const port of ports.split(",")) {
      const key = `${proto}/${port.trim()}`;
      types.set(key, [...(types.get(key) ?? []), type]);
    }
  }
  return types;
};

function diff(params: SeportParams, facts: SeportFacts): Plan<PlannedChange> {
  const { ports, state, proto, setype, local } = params;
  if (facts.fault !== null) return { kind: "blocked", reason: facts.fault };
  const ofPolicy = ports.find(
    (port) =>
      state === "absent" &&
      !local &&
      typeOf(facts, `${proto}/${port}`) === setype &&
      !facts.local.has(`${proto}/${port}`),
  );
  if (ofPolicy !== undefined)
    return {
      kind: "blocked",
      reason: `the policy itself gives ${ofPolicy}/${proto} the type ${setype}: that cannot be taken away`,
    };
  return planOf(ports.flatMap((port) => portChange(params, facts, port)));
}

const typeOf = ({ all, local }: SeportFacts, key: string): string | null =>
  local.get(key)?.[0] ?? all.get(key)?.[0] ?? null;

const portChange = (params: SeportParams, facts: SeportFacts, port: string): readonly PlannedChange[] => {
  const { proto, setype, state, local, reload } = params;
  const key = `${proto}/${port}`;
  const before = local ? (facts.local.get(key)?.[0] ?? null) : typeOf(facts, key);
  const wanted = state === "present";
  if (wanted ? before === setype : before !== setype) return [];
  const command = (verb: string, type: string | null): readonly string[] => [
    "semanage",
    "port",
    verb,
    ...(reload ? [] : ["-N"]),
    ...(type === null ? [] : ["-t", type]),
    "-p",
    proto,
    port,
  ];
  // What the policy has under this very number can only be modified.
  const known = facts.all.has(key) || facts.local.has(key);
  const old = facts.local.get(key)?.[0] ?? null;
  const field = `SELinux type of ${port}/${proto}`;
  const argv = !wanted ? command("-d", null) : known ? command("-m", setype) : command("-a", setype);
  const back = old === null ? command("-d", null) : command(wanted ? "-m" : "-a", old);
  return [
    {
      view: { field, before, after: wanted ? setype : null },
      actions: [
        { kind: "run", argv, timeoutMs: null, touches: [{ kind: "inverse", what: field, argv: back }] },
      ],
    },
  ];
};
