import type { Action, Touched } from "../../core/action.ts";
import { type Plan, planOf } from "../../core/task.ts";
import {
  type Attributes,
  attributeChanges,
  type Identities,
  identityFault,
  wantedMode,
} from "../file-attributes/attributes.ts";
import type { PlannedChange } from "../planned-change.ts";
import type { FileAt } from "../shared-probes/file-state.ts";
import { plannedAttribute, unreadable } from "./land-file.ts";

/** What it takes to have a directory: made with those above it where missing, else only what differs of it. */
export const directoryPlan = (
  { path, state }: FileAt,
  wanted: Attributes,
  ids: Identities,
  /** Directories above it that will be made too and get the same attributes. */
  above: readonly string[] = [],
): Plan<PlannedChange> => {
  const fault = identityFault(wanted, ids);
  if (fault !== null) return { kind: "blocked", reason: fault };
  if (state === null) return planOf([makeDirectory(path, wanted, above)]);
  if (state.kind === "unknown") return { kind: "blocked", reason: unreadable(path, state) };
  if (state.kind !== "directory") {
    return { kind: "blocked", reason: `${path} already exists as a ${state.kind}` };
  }
  return planOf(attributeChanges(path, state, wanted, ids).map(plannedAttribute));
};

/** A new directory, with those above it. */
const makeDirectory = (path: string, wanted: Attributes, above: readonly string[]): PlannedChange => ({
  view: { field: path, before: null, after: "directory" },
  actions: [
    { kind: "run", argv: ["mkdir", "-p", path], touches: [{ kind: "path", path }] },
    ...attributeActions([...above, path], wanted),
  ],
});

/** Sets whatever is asked for on something just made. */
export const attributeActions = (
  paths: readonly string[],
  wanted: Attributes,
  fresh: "file" | "directory" = "directory",
): readonly Action[] => {
  const owner = [wanted.owner ?? "", wanted.group === null ? "" : `:${wanted.group}`].join("");
  const touches = paths.map((path): Touched => ({ kind: "path", path }));
  const mode = wantedMode(null, wanted.mode, fresh);
  return [
    ...(owner === "" ? [] : [{ kind: "run" as const, argv: ["chown", owner, ...paths], touches }]),
    ...(mode === null ? [] : [{ kind: "run" as const, argv: ["chmod", mode, ...paths], touches }]),
  ];
};
