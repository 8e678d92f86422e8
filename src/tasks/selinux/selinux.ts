import { all, type Probe, read } from "../../core/probe.ts";
import type { Schema } from "../../core/schema.ts";
import { defineState, type Plan, planOf } from "../../core/task.ts";
import { unreadable } from "../file-content/land-file.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { type FileState, fileState } from "../shared-probes/file-state.ts";
import { labelled } from "../shared-probes/label.ts";

/** Parameters of selinux, under ansible.posix.selinux's names. */
interface SelinuxParams {
  readonly state: "enforcing" | "permissive" | "disabled";
  readonly policy: string | null;
  readonly configfile: string;
  readonly update_kernel_param: boolean;
}

interface SelinuxFacts {
  readonly running: Running;
  readonly config: FileState | null;
}

/** The mode of the running kernel, or why it cannot be told. */
type Running =
  | { readonly kind: "known"; readonly mode: "enforcing" | "permissive" | "disabled" }
  | { readonly kind: "unknown"; readonly reason: string };

const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["state"],
  properties: {
    state: {
      type: "string",
      enum: ["enforcing", "permissive", "disabled"],
      description: "The mode, now and at boot; to and from disabled only a boot leads.",
    },
    policy: {
      type: "string",
      pattern: "^[A-Za-z0-9_-]+$",
      description: "The policy, e.g. targeted; required unless state is disabled.",
    },
    configfile: {
      type: "string",
      pattern: "^/",
      default: "/etc/selinux/config",
      "x-aliases": ["conf", "file"],
      description: "Where the mode for the next boot is kept.",
    },
    update_kernel_param: {
      type: "boolean",
      default: false,
      description: "Only false: the boot loader is not touched.",
    },
  },
};

/** Sets the mode of SELinux, now and for the next boot. */
export const selinux = defineState<SelinuxParams, SelinuxFacts, PlannedChange>({
  kind: "state",
  name: "selinux",
  aliases: ["ansible.posix.selinux"],
  summary: "Sets the mode of SELinux, now and for the next boot.",
  schema,
  example: `- ansible.posix.selinux:
    policy: targeted
    state: enforcing
`,
  rules: ({ state, policy, update_kernel_param }) => [
    ...(state !== "disabled" && policy === null ? ["Policy is required if state is not 'disabled'"] : []),
    ...(update_kernel_param
      ? ["update_kernel_param is not supported: set selinux=0 with grubby in a command task"]
      : []),
  ],
  inspect: ({ configfile }) =>
    all<SelinuxFacts>({ running, config: fileState(configfile, { content: true, follow: true }) }),
  diff,
  view: viewOf,
  apply: actionsOf,
  result: ({ configfile, policy, state }, { running, config }) => ({
    configfile,
    policy: policy ?? settingIn(config?.content?.toString("utf8") ?? "", "SELINUXTYPE"),
    state,
    reboot_required:
      running.kind === "known" &&
      running.mode !== state &&
      (running.mode === "disabled" || state === "disabled"),
  }),
});

const running: Probe<Running> = read(
  labelled("mode of SELinux", [
    "PATH=$PATH:/usr/sbin:/sbin",
    "command -v getenforce >/dev/null 2>&1 || exit 127",
    "getenforce",
  ]),
  ({ code, stdout, stderr }) => {
    const mode = stdout.toString("utf8").trim().toLowerCase();
    if (mode === "enforcing" || mode === "permissive" || mode === "disabled") return { kind: "known", mode };
    if (code === 127)
      return {
        kind: "unknown",
        reason: "there is no getenforce (package libselinux-utils, on Debian selinux-utils)",
      };
    return { kind: "unknown", reason: stderr.toString("utf8").trim() || `getenforce ends with ${code}` };
  },
);

function diff(params: SelinuxParams, { running, config }: SelinuxFacts): Plan<PlannedChange> {
  const { configfile, state, policy } = params;
  if (running.kind === "unknown") return { kind: "blocked", reason: running.reason };
  if (config === null)
    return { kind: "blocked", reason: `Unable to find file ${configfile}: is a policy installed?` };
  if (config.content === null) return { kind: "blocked", reason: unreadable(configfile, config) };
  const before = config.content.toString("utf8");
  const typed = policy === null ? before : withSetting(before, "SELINUXTYPE", policy);
  const after = withSetting(typed, "SELINUX", state);
  return planOf([...modeChange(running.mode, state), ...fileChange(configfile, before, after)]);
}

/** Where it shall be disabled it is permissive until the next boot. */
const modeChange = (
  before: "enforcing" | "permissive" | "disabled",
  state: SelinuxParams["state"],
): readonly PlannedChange[] => {
  const after = state === "disabled" ? "permissive" : state;
  if (before === "disabled" || before === after) return [];
  const argv = (mode: string): readonly string[] => ["setenforce", mode === "enforcing" ? "1" : "0"];
  return [
    {
      view: { field: "mode of SELinux", before, after },
      actions: [
        {
          kind: "run",
          argv: argv(after),
          touches: [{ kind: "inverse", what: "mode of SELinux", argv: argv(before) }],
        },
      ],
    },
  ];
};

const fileChange = (path: string, before: string, after: string): readonly PlannedChange[] =>
  before === after
    ? []
    : [
        {
          view: { field: path, before, after },
          actions: [
            {
              kind: "write",
              path,
              content: Buffer.from(after),
              mode: null,
              owner: null,
              group: null,
              validate: null,
              backup: false,
            },
          ],
        },
      ];

const settingIn = (text: string, name: string): string | null =>
  new RegExp(`^${name}=(.*)$`, "m").exec(text)?.[1]?.trim() ?? null;

const withSetting = (text: string, name: string, value: string): string => {
  if (settingIn(text, name) === value) return text;
  const line = new RegExp(`^${name}=.*$`, "m");
  if (line.test(text)) return text.replace(line, `${name}=${value}`);
  return `${text === "" || text.endsWith("\n") ? text : `${text}\n`}${name}=${value}\n`;
};
