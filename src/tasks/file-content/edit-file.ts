import { all, type Probe } from "../../core/probe.ts";
import { type Plan, planOf } from "../../core/task.ts";
import type { Value } from "../../core/value.ts";
import { attributeValues, identities } from "../file-attributes/attributes.ts";
import type { AttributeParams } from "../file-attributes/schema.ts";
import type { PlannedChange } from "../planned-change.ts";
import { CONTENT_LIMIT, fileAt, sha256 } from "../shared-probes/file-state.ts";
import { type LandingFacts, landingPlan, unreadable } from "./land-file.ts";

/** What every module that edits a part of a file is told. */
export interface EditParams extends AttributeParams {
  readonly path: string;
  readonly backup: boolean;
  readonly validate: string | null;
}

/** An edit of a file. */
export interface Edit {
  readonly params: EditParams;
  /** The new content; null where nothing is to be done. `before` is empty for a file that is only to be made. */
  readonly change: (before: Buffer) => Buffer | null;
  /** What a file that is not there means. */
  readonly missing: "made" | "converged" | "blocked";
}

/** Reads the file to edit, behind links: an edit changes the real file. */
export const editFacts = (params: EditParams): Probe<LandingFacts> =>
  all<LandingFacts>({
    at: fileAt(params.path, { content: true, follow: true }),
    ids: identities(params),
  });

/** What it takes to have the file edited. */
export const editPlan = ({ params, change, missing }: Edit, facts: LandingFacts): Plan<PlannedChange> => {
  const { at } = facts;
  if (at.state === null && missing === "converged") return { kind: "converged" };
  if (at.state === null && missing === "blocked") {
    return { kind: "blocked", reason: `${at.path} does not exist` };
  }
  const before = at.state === null ? Buffer.alloc(0) : at.state.content;
  if (before === null) return { kind: "blocked", reason: unreadableReason(facts) };
  const after = change(before);
  const plan = landingPlan(
    {
      path: at.path,
      content: after ?? before,
      into: null,
      follow: true,
      force: true,
      backup: params.backup,
      validate: params.validate,
      parents: "made",
      secret: false,
      mode: params.mode,
      owner: params.owner,
      group: params.group,
    },
    facts,
  );
  return after === null || isSettled(change, after) ? plan : asEvent(plan, at.path);
};

const unreadableReason = ({ at: { path, state } }: LandingFacts): string => {
  if (state === null) throw new Error("there is nothing to read");
  if (state.kind === "directory") return `${path} is a directory`;
  return state.fault === null && state.size > CONTENT_LIMIT
    ? `${path} has ${state.size} bytes; files above ${CONTENT_LIMIT} bytes are not edited`
    : unreadable(path, state);
};

/** Whether editing once more would change nothing. */
const isSettled = (change: Edit["change"], after: Buffer): boolean => {
  const again = change(after);
  return again === null || sha256(again) === sha256(after);
};

/** An edit that goes on and on (`a` becomes `aa`) can only be shown to have happened once. */
const asEvent = (plan: Plan<PlannedChange>, path: string): Plan<PlannedChange> =>
  plan.kind !== "changes"
    ? plan
    : planOf(
        plan.changes.map((change) =>
          change.view.field === path ? { ...change, view: { ...change.view, event: true } } : change,
        ),
      );

/** What `register` sees of an edited file. */
export const editValues = ({ at }: LandingFacts): Readonly<Record<string, Value>> => ({
  path: at.path,
  ...attributeValues(at.state),
});
