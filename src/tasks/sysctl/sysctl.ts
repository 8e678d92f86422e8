import type { Action } from "../../core/action.ts";
import { kernelPath } from "../../core/kernel-key.ts";
import { all, known, type Probe, read, text } from "../../core/probe.ts";
import { argv } from "../../core/shell.ts";
import { defineState, type Plan, planOf } from "../../core/task.ts";
import { type FileState, fileState, parentOf } from "../shared-probes/file-state.ts";
import { type SysctlParams, schema } from "./schema.ts";

interface SysctlFacts {
  /** The value in the running kernel; null where the kernel has no such key. */
  readonly running: string | null;
  /** The file that keeps the setting; null where there is none. */
  readonly file: FileState | null;
}

type SysctlChange =
  | {
      readonly kind: "kept";
      readonly file: string;
      readonly key: string;
      readonly before: string | null;
      readonly after: string | null;
      readonly text: string;
    }
  | { readonly kind: "running"; readonly key: string; readonly before: string; readonly after: string };

/** Keeps a kernel setting in a file and sets it in the running kernel. */
export const sysctl = defineState<SysctlParams, SysctlFacts, SysctlChange>({
  kind: "state",
  name: "sysctl",
  aliases: ["ansible.posix.sysctl"],
  summary: "Keeps a kernel setting in a file and sets it in the running kernel.",
  schema,
  example: `- ansible.posix.sysctl:
    name: net.ipv4.ip_nonlocal_bind
    value: "1"
    sysctl_file: /etc/sysctl.d/90-lbplay.conf
    sysctl_set: true
`,
  rules: ({ state, value }) =>
    state === "present" && value === null ? ["value is required when state is present"] : [],
  inspect: ({ name, sysctl_file, state }) =>
    all<SysctlFacts>({
      running: state === "present" ? running(name) : known(null),
      file: fileState(sysctl_file, { content: true, follow: true }),
    }),
  diff,
  view: (change) =>
    change.kind === "kept"
      ? { field: `${change.key} in ${change.file}`, before: change.before, after: change.after }
      : { field: change.key, before: change.before, after: change.after },
  apply,
});

/** Not asked of the tool sysctl: where its package is missing, the kernel's settings are there all the same. */
const running = (name: string): Probe<string | null> =>
  read(argv("cat", `/proc/sys/${kernelPath(name)}`), (answer) =>
    answer.code === 0 ? normalise(text(answer)) : null,
  );

/** The kernel separates list values with tabs; people write spaces. */
const normalise = (value: string): string => value.trim().split(/\s+/).join(" ");

function diff(params: SysctlParams, facts: SysctlFacts): Plan<SysctlChange> {
  const wanted = params.state === "present" ? normalise(params.value ?? "") : null;
  const { file } = facts;
  if (file !== null && file.content === null) {
    return {
      kind: "blocked",
      reason: `${params.sysctl_file} cannot be read: ${file.fault ?? "it is no ordinary file"}`,
    };
  }
  const kept = keptChange(params, wanted, file?.content?.toString("utf8") ?? null);
  if (wanted === null) return planOf(kept);
  const sets = params.sysctl_set || params.reload;
  if (sets && facts.running === null && !params.ignoreerrors) {
    return { kind: "blocked", reason: `the kernel has no setting ${params.name}` };
  }
  const differs = sets && facts.running !== null && facts.running !== wanted;
  return planOf([
    ...kept,
    ...(differs
      ? [{ kind: "running" as const, key: params.name, before: facts.running ?? "", after: wanted }]
      : []),
  ]);
}

/** Only lines of this key are touched: the last one is rewritten, further ones go. */
const keptChange = (
  params: SysctlParams,
  wanted: string | null,
  file: string | null,
): readonly SysctlChange[] => {
  const lines = file === null || file === "" ? [] : file.replace(/\n$/, "").split("\n");
  const own = lines.map((line) => keyOf(line) === canonical(params.name));
  const last = own.lastIndexOf(true);
  const before = last === -1 ? null : normalise(lines[last]?.split("=").slice(1).join("=") ?? "");
  if (before === wanted && own.filter(Boolean).length === (wanted === null ? 0 : 1)) return [];
  const line = `${params.name}=${wanted}`;
  const rest = lines.flatMap((old, index) =>
    own[index] === true ? (index === last && wanted !== null ? [line] : []) : [old],
  );
  const all = last === -1 && wanted !== null ? [...rest, line] : rest;
  const text = all.length === 0 ? "" : `${all.join("\n")}\n`;
  return [{ kind: "kept", file: params.sysctl_file, key: params.name, before, after: wanted, text }];
};

const canonical = (key: string): string => key.trim().replaceAll("/", ".");

const keyOf = (line: string): string | null =>
  /^\s*[#;]/.test(line) || !line.includes("=")
    ? null
    : canonical(line.split("=")[0]?.replace(/^\s*-/, "") ?? "");

function apply(change: SysctlChange): readonly Action[] {
  switch (change.kind) {
    case "kept":
      return [
        {
          kind: "run",
          argv: ["mkdir", "-p", parentOf(change.file)],
          touches: [{ kind: "path", path: parentOf(change.file) }],
        },
        {
          kind: "write",
          path: change.file,
          content: Buffer.from(change.text),
          mode: null,
          owner: null,
          group: null,
          validate: null,
          backup: false,
        },
      ];
    case "running":
      // sysctl exits 0 on some refused writes; the message is the only sign (RHBZ 1264080).
      return [
        {
          kind: "run",
          argv: ["sysctl", "-q", "-w", `${change.key}=${change.after}`],
          failOnStderr: "^sysctl: ",
          touches: [{ kind: "sysctl", key: change.key }],
        },
      ];
  }
}
