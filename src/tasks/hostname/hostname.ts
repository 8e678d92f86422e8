import type { Touched } from "../../core/action.ts";
import { read } from "../../core/probe.ts";
import type { Schema } from "../../core/schema.ts";
import { defineState, type Plan, planOf } from "../../core/task.ts";
import { dict } from "../../core/value.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { labelled } from "../shared-probes/label.ts";

/** Parameters of hostname, under ansible.builtin.hostname's names. */
interface HostnameParams {
  readonly name: string;
  readonly use: "systemd" | "generic" | "debian" | "redhat" | "alpine" | "sles" | null;
}

interface HostnameFacts {
  /** What the kernel answers. */
  readonly live: string;
  /** What will be set at boot; null where nothing says so. */
  readonly kept: string | null;
  /** Whether hostnamectl and a running systemd are there to do it. */
  readonly systemd: boolean;
  /** Red Hat before version 7 keeps the name here, and some tools still read it. */
  readonly network: string | null;
}

const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["name"],
  properties: {
    name: {
      type: "string",
      pattern: "^[A-Za-z0-9]([A-Za-z0-9.-]{0,62}[A-Za-z0-9])?$",
      description: "The node's name; letters, digits, dots and dashes, at most 64 of them.",
    },
    use: {
      type: "string",
      enum: ["systemd", "generic", "debian", "redhat", "alpine", "sles"],
      description:
        "How to set it; absent takes hostnamectl where systemd runs, else the file and the kernel.",
    },
  },
};

/** Sets a node's name, in the running kernel and for the next boot. /etc/hosts is left alone. */
export const hostname = defineState<HostnameParams, HostnameFacts, PlannedChange>({
  kind: "state",
  name: "hostname",
  aliases: ["ansible.builtin.hostname"],
  summary: "Sets a node's name, in the running kernel and for the next boot; /etc/hosts is left alone.",
  schema,
  example: `- ansible.builtin.hostname:
    name: lb1.lab.example
`,
  inspect: () =>
    read(
      labelled("host names", [
        "echo /proc; cat /proc/sys/kernel/hostname",
        "echo /etc; cat /etc/hostname 2>/dev/null",
        "echo /network; grep -h '^HOSTNAME=' /etc/sysconfig/network 2>/dev/null",
        "if [ -d /run/systemd/system ] && command -v hostnamectl >/dev/null 2>&1; then echo /systemd; fi",
      ]),
      (answer) => {
        const text = answer.stdout.toString("utf8");
        const kept = sectionOf(text, "/etc")
          .split("\n")
          .find((line) => line.trim() !== "" && !line.startsWith("#"));
        const network = /^HOSTNAME=(.*)$/m.exec(sectionOf(text, "/network"))?.[1] ?? null;
        return {
          live: sectionOf(text, "/proc").trim(),
          kept: kept?.trim() ?? null,
          network: network?.replace(/^(["'])(.*)\1$/, "$2") ?? null,
          systemd: /^\/systemd$/m.test(text),
        };
      },
    ),
  diff,
  view: viewOf,
  apply: actionsOf,
  result: ({ name }) => ({
    name,
    ansible_facts: dict({ ansible_hostname: name.split(".")[0] ?? name, ansible_nodename: name }),
  }),
});

const sectionOf = (text: string, mark: string): string => {
  const [, after = ""] = text.split(new RegExp(`^${mark}\n`, "m"));
  return after.split(/^\/(?:proc|etc|network|systemd)$/m)[0] ?? "";
};

function diff({ name, use }: HostnameParams, facts: HostnameFacts): Plan<PlannedChange> {
  if (use === "systemd" && !facts.systemd)
    return { kind: "blocked", reason: "systemd does not run on the node, so hostnamectl cannot be used" };
  const systemd =
    facts.systemd && (use === null || use === "systemd" || use === "debian" || use === "redhat");
  const keptView = { field: "static hostname", before: facts.kept, after: name };
  const liveView = { field: "running hostname", before: facts.live, after: name };
  return planOf<PlannedChange>([
    ...(facts.kept === name
      ? []
      : [{ view: keptView, actions: [systemd ? hostnamectl("--static", name) : written(name)] }]),
    ...(facts.network === null || facts.network === name ? [] : [inNetworkFile(facts.network, name)]),
    ...(facts.live === name
      ? []
      : [{ view: liveView, actions: [systemd ? hostnamectl("--transient", name) : live(name)] }]),
  ]);
}

const HOSTNAME_FILE: Touched = { kind: "path", path: "/etc/hostname" };

const RUNNING_NAME: Touched = { kind: "sysctl", key: "kernel.hostname" };

const hostnamectl = (which: "--static" | "--transient", name: string) =>
  ({
    kind: "run",
    argv: ["hostnamectl", which, "set-hostname", name],
    touches: [which === "--static" ? HOSTNAME_FILE : RUNNING_NAME],
  }) as const;

const written = (name: string) =>
  ({
    kind: "write",
    path: "/etc/hostname",
    content: Buffer.from(`${name}\n`),
    mode: null,
    owner: null,
    group: null,
    validate: null,
    backup: false,
  }) as const;

/** The tool `hostname` is a package of its own that may be missing; the kernel's file never is. */
const live = (name: string) =>
  ({
    kind: "script",
    script: `printf '%s\\n' ${name} >/proc/sys/kernel/hostname`,
    touches: [RUNNING_NAME],
  }) as const;

const inNetworkFile = (before: string, name: string): PlannedChange => ({
  view: { field: "HOSTNAME in /etc/sysconfig/network", before, after: name },
  actions: [
    {
      kind: "run",
      argv: ["sed", "-i", `s/^HOSTNAME=.*/HOSTNAME=${name}/`, "/etc/sysconfig/network"],
      touches: [{ kind: "path", path: "/etc/sysconfig/network" }],
    },
  ],
});
