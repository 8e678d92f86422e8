import { all, each, known, map, type Probe, read, text } from "../../core/probe.ts";
import { argv, quote } from "../../core/shell.ts";
import { defineState, type Plan } from "../../core/task.ts";
import type { Rendered } from "../../lb/document.ts";
import { faultText } from "../../lb/fault.ts";
import { renderKeepalived } from "../../lb/keepalived/render.ts";
import { keepalivedRules } from "../../lb/keepalived/rules.ts";
import { toolOf } from "../../lb/keepalived/trackers.ts";
import { atLeast, type Version, versionText } from "../../lb/version.ts";
import { identities } from "../file-attributes/attributes.ts";
import type { LandingFacts } from "../file-content/land-file.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { planWithoutDaemon, renderedFilePlan } from "../rendered-file/rendered-file.ts";
import { type Daemon, daemonVersion } from "../shared-probes/daemon-version.ts";
import { fileAt } from "../shared-probes/file-state.ts";
import { userId } from "../shared-probes/identity.ts";
import { labelled } from "../shared-probes/label.ts";
import { type KeepalivedConfigParams, schema } from "./schema.ts";

interface KeepalivedConfigFacts extends LandingFacts {
  readonly daemon: Daemon;
  /** The node's addresses, each with the interface that has it. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Where the program is that tracking needs; null where it needs none, or the node has none. */
  readonly tool: string | null;
  /** Programs that keepalived shall run and that are not there: it would go on without them. */
  readonly missingScripts: readonly string[];
  /** Users that scripts shall run as and that the node does not know. */
  readonly unknownUsers: readonly string[];
}

/** Renders a node's keepalived.conf from the description of the pair, for the version of keepalived that the node has. */
export const keepalivedConfig = defineState<KeepalivedConfigParams, KeepalivedConfigFacts, PlannedChange>({
  kind: "state",
  name: "keepalived_config",
  aliases: ["lbplay.core.keepalived_config"],
  summary: "Renders a node's keepalived.conf from the description of its pair.",
  schema,
  example: `- keepalived_config:
    node: "{{ inventory_hostname }}"
    nodes:
      - { name: lb1, address: 192.0.2.11 }
      - { name: lb2, address: 192.0.2.12 }
    instances:
      - name: VI_1
        virtual_router_id: 51
        virtual_ips:
          - address: 192.0.2.100
`,
  rules: (params) => keepalivedRules(params).map(faultText),
  inspect: (params) =>
    all<KeepalivedConfigFacts>({
      daemon: daemonVersion(params.program, "--version"),
      addresses: nodeAddresses,
      tool: toolPath(toolOf(params)),
      missingScripts: missingPrograms(programs(params)),
      unknownUsers: unknownUsers(scriptUsers(params)),
      at: fileAt(params.dest, { content: true }),
      ids: identities(params),
    }),
  diff,
  view: viewOf,
  apply: actionsOf,
  result: ({ dest }, { daemon }) => ({
    dest,
    version: daemon.kind === "installed" ? versionText(daemon.version) : null,
  }),
});

/** All addresses of the node: `2: eth0    inet 192.0.2.11/24 brd …`. */
const nodeAddresses: Probe<ReadonlyMap<string, string>> = read("ip -o addr show", ({ stdout }) => {
  const lines = stdout.toString("utf8").split("\n");
  return new Map(
    lines.flatMap((line): readonly (readonly [string, string])[] => {
      const match = /^\d+:\s+([^\s@]+)\S*\s+inet6?\s+([^\s/]+)/.exec(line);
      return match?.[1] === undefined || match[2] === undefined ? [] : [[match[2], match[1]]];
    }),
  );
});

/** The place of a program. Logins of ordinary users lack sbin in their path. */
const toolPath = (tool: { readonly program: string } | null): Probe<string | null> =>
  tool === null
    ? known(null)
    : read(
        labelled(`place of ${tool.program}`, [
          "PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin",
          `command -v ${tool.program}`,
        ]),
        (answer) => (answer.code === 0 ? text(answer) : null),
      );

/** Programs of scripts and notifications, each once. */
const programs = ({ scripts, notify }: KeepalivedConfigParams): readonly string[] => {
  const commands = [
    ...scripts.map(({ script }) => script),
    ...(notify === null ? [] : Object.values(notify).filter((command) => command !== null)),
  ];
  return [...new Set(commands.map((command) => command.split(" ")[0] ?? command))];
};

/** Of these programs those that are not there, in one read. */
const missingPrograms = (paths: readonly string[]): Probe<readonly string[]> =>
  paths.length === 0
    ? known([])
    : read(
        labelled("programs that are missing", [
          `for f in ${paths.map(quote).join(" ")}; do [ -f "$f" ] && [ -x "$f" ] || echo "$f"; done`,
        ]),
        ({ stdout }) =>
          stdout
            .toString("utf8")
            .split("\n")
            .filter((path) => path !== ""),
      );

/** Whom keepalived becomes for scripts, without root. */
const scriptUsers = ({ script_user, scripts }: KeepalivedConfigParams): readonly string[] => {
  const users = [script_user, ...scripts.map(({ user }) => user ?? script_user)];
  return [...new Set(users)].filter((user) => user !== "root");
};

const unknownUsers = (users: readonly string[]): Probe<readonly string[]> =>
  map(each(users.map(userId)), (ids) => users.filter((_, index) => ids[index] === null));

function diff(params: KeepalivedConfigParams, facts: KeepalivedConfigFacts): Plan<PlannedChange> {
  const { daemon } = facts;
  const render = (version: Version, dev: string): Rendered =>
    renderKeepalived(params, { version, interface: dev, tool: facts.tool });
  const dev = interfaceOf(params, facts);
  if (daemon.kind === "missing") {
    return planWithoutDaemon(params, facts, daemon.reason, (version) => render(version, dev ?? ""));
  }
  if (dev === null)
    return {
      kind: "blocked",
      reason: "no interface of the node has the address that the inventory gives it",
    };
  const [unknown] = facts.unknownUsers;
  if (unknown !== undefined) return { kind: "blocked", reason: `there is no user ${unknown}` };
  const tool = toolOf(params);
  if (tool !== null && facts.tool === null)
    return { kind: "blocked", reason: `there is no ${tool.program} (package ${tool.bringer})` };
  const [missing] = facts.missingScripts;
  if (missing !== undefined)
    return { kind: "blocked", reason: `${missing} is not a program, and keepalived would go on without it` };
  const judged = params.validate && atLeast(daemon.version, CONFIG_TEST);
  const command = configTest(daemon.program, scriptUsers(params).length > 0);
  return renderedFilePlan({ ...params, validate: judged }, render(daemon.version, dev), facts, command);
}

/** The interface that the node speaks VRRP on; null where none has the address that the inventory gives the node. */
const interfaceOf = (params: KeepalivedConfigParams, facts: KeepalivedConfigFacts): string | null => {
  const own = params.nodes.find(({ name }) => name === params.node);
  if (own === undefined) throw new Error(`${params.node} is not one of its nodes`);
  return own.interface ?? facts.addresses.get(own.address) ?? null;
};

/** The first version with `keepalived -t`. */
const CONFIG_TEST: Version = [2, 0, 4];

/**
 * The command that judges a file. From 2.2.5 to 2.3.3 `keepalived -t` ends itself (exit code 143) as soon as it comes to a
 * script of another user than root: it mistakes its shell for a parent that died. So it judges a copy in which root
 * runs all scripts.
 */
const configTest = (program: string, otherUsers: boolean): string =>
  otherUsers ? argv("sh", "-c", AS_ROOT, program, "%s") : `${quote(program)} -t -f %s`;

const AS_ROOT = [
  "f=$(mktemp) || exit",
  "trap 'rm -f \"$f\"' EXIT",
  'sed "s/^\\( *\\(script_user\\|user\\)\\) .*/\\1 root/" "$1" > "$f" && "$0" -t -f "$f"',
].join("; ");
