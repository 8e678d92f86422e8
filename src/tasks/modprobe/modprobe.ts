import type { Action } from "../../core/action.ts";
import { defineState, type Plan, planOf } from "../../core/task.ts";
import { shellWords } from "../../core/words.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { BOOT_DIRECTORY, type ModprobeFacts, modprobeFacts, OPTIONS_DIRECTORY } from "./facts.ts";
import { bootChanges } from "./persistent.ts";
import { type ModprobeParams, schema } from "./schema.ts";

/** Loads and unloads a kernel module, now and at boot. */
export const modprobe = defineState<ModprobeParams, ModprobeFacts, PlannedChange>({
  kind: "state",
  name: "modprobe",
  aliases: ["community.general.modprobe"],
  summary: "Loads and unloads a kernel module, now and at boot.",
  schema,
  example: `- community.general.modprobe:
    name: ip_vs
    persistent: present
`,
  rules: ({ params }) => (shellWords(params) === null ? ["params has a quote that is not closed"] : []),
  inspect: modprobeFacts,
  diff,
  view: viewOf,
  apply: actionsOf,
  result: ({ name, params, state }) => ({ name, params, state }),
});

function diff(params: ModprobeParams, facts: ModprobeFacts): Plan<PlannedChange> {
  const { name, state, persistent } = params;
  const { module, boot, options } = facts;
  if (state === "present" && module.kind === "unavailable") return { kind: "blocked", reason: module.reason };
  if (state === "absent" && module.kind === "built-in")
    return { kind: "blocked", reason: `${name} is built into the kernel and cannot be unloaded` };
  if (persistent === "present") {
    if (boot === null) return missing(BOOT_DIRECTORY);
    if (options === null && params.params.trim() !== "") return missing(OPTIONS_DIRECTORY);
  }
  return planOf([...runningChange(params, facts), ...bootChanges(params, boot ?? [], options ?? [])]);
}

const missing = (directory: string): Plan<PlannedChange> => ({
  kind: "blocked",
  reason: `the directory ${directory} does not exist: what loads modules at boot is not there`,
});

const runningChange = (
  { name, state, params }: ModprobeParams,
  { module }: ModprobeFacts,
): PlannedChange[] => {
  const field = `kernel module ${name}`;
  if (state === "present" && module.kind === "unloaded")
    return [
      {
        view: { field, before: null, after: ["loaded", params].join(" ").trim() },
        actions: [act(field, ["modprobe", name, ...(shellWords(params) ?? [])], ["modprobe", "-r", name])],
      },
    ];
  if (state === "absent" && module.kind === "loaded")
    return [
      {
        view: { field, before: "loaded", after: null },
        actions: [act(field, ["modprobe", "-r", name], ["modprobe", name])],
      },
    ];
  return [];
};

const act = (what: string, argv: readonly string[], back: readonly string[]): Action => ({
  kind: "run",
  argv,
  touches: [{ kind: "inverse", what, argv: back }],
});
