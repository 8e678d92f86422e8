import { all, known } from "../../core/probe.ts";
import { defineState } from "../../core/task.ts";
import type { Value } from "../../core/value.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { fileAt, fileState } from "../shared-probes/file-state.ts";
import { optionsOf } from "./fstab.ts";
import { mounts } from "./mounts.ts";
import { type MountFacts, planMount } from "./plan.ts";
import { type MountParams, schema } from "./schema.ts";

/** Keeps file systems mounted, and in fstab. */
export const mount = defineState<MountParams, MountFacts, PlannedChange>({
  kind: "state",
  name: "mount",
  aliases: ["ansible.posix.mount"],
  summary: "Keeps file systems mounted, and in fstab.",
  schema,
  example: `- ansible.posix.mount:
    path: /var/log
    src: LABEL=logs
    fstype: ext4
    opts: noatime,nodev,nosuid,noexec
    state: mounted
`,
  rules,
  inspect: ({ fstab, path, state }) =>
    all<MountFacts>({
      fstab: fileAt(fstab, { content: true, follow: true }),
      mounts,
      point: isSwap(path) || !PLACED.has(state) ? known(null) : fileState(path),
    }),
  diff: planMount,
  view: viewOf,
  apply: actionsOf,
  result,
});

/** The states in which the directory is made or removed. */
const PLACED: ReadonlySet<MountParams["state"]> = new Set(["mounted", "ephemeral", "absent"]);

const isSwap = (path: string): boolean => !path.startsWith("/");

function rules({ state, src, fstype, path }: MountParams): readonly string[] {
  const needs = state === "mounted" || state === "present" || state === "ephemeral";
  const swapped = isSwap(path) && !["present", "absent", "absent_from_fstab"].includes(state);
  return [
    ...(needs && src === null ? [`src is required when state is ${state}`] : []),
    ...(needs && fstype === null ? [`fstype is required when state is ${state}`] : []),
    ...(swapped ? [`state ${state} needs a mount point: swap space is only kept in fstab`] : []),
  ];
}

function result(params: MountParams): Readonly<Record<string, Value>> {
  const { path, src, fstype, opts, dump, passno, fstab, boot } = params;
  return {
    name: path,
    opts: optionsOf(params),
    dump,
    passno,
    fstab,
    boot: boot || (opts ?? "").split(",").includes("noauto") ? "yes" : "no",
    ...(src === null ? {} : { src }),
    ...(fstype === null ? {} : { fstype }),
  };
}
