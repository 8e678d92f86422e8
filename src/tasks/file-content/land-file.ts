import type { Action } from "../../core/action.ts";
import { all, type Probe } from "../../core/probe.ts";
import { type Plan, planOf } from "../../core/task.ts";
import { shellWords } from "../../core/words.ts";
import {
  type AttributeChange,
  type Attributes,
  applyAttribute,
  attributeChanges,
  type Identities,
  identities,
  identityFault,
  viewAttribute,
  wantedMode,
} from "../file-attributes/attributes.ts";
import type { PlannedChange } from "../planned-change.ts";
import { type FileAt, type FileState, fileAt, parentOf, sha256 } from "../shared-probes/file-state.ts";
import { contentText } from "./content-view.ts";

/** A file whose whole content is known here and shall be on a node. */
export interface WantedFile extends Attributes {
  readonly path: string;
  readonly content: Buffer;
  /** The name it gets if the path is a directory; null where that is a mistake. */
  readonly into: string | null;
  /** Whether a link at the path is followed; otherwise it is replaced by the file. */
  readonly follow: boolean;
  /** false leaves whatever is there as it is. */
  readonly force: boolean;
  readonly backup: boolean;
  /** Command line with `%s`. */
  readonly validate: string | null;
  /** Whether its directory has to be there, is made with those above it, or is made by an earlier change of the same plan. */
  readonly parents: "required" | "made" | "planned";
  readonly secret: boolean;
}

/** What is known of the place where a file shall be. */
export interface LandingFacts {
  readonly at: FileAt;
  readonly ids: Identities;
}

/** Reads what is at the path; content comes along only where it differs. */
export const landingFacts = (wanted: WantedFile): Probe<LandingFacts> =>
  all<LandingFacts>({
    at: fileAt(wanted.path, {
      contentUnless: sha256(wanted.content),
      follow: wanted.follow,
      ...(wanted.into === null ? {} : { into: wanted.into }),
    }),
    ids: identities(wanted),
  });

/** What it takes to have the file: its content as one write, and whatever attributes differ. */
export const landingPlan = (wanted: WantedFile, facts: LandingFacts): Plan<PlannedChange> => {
  const { at, ids } = facts;
  if (at.state !== null && !wanted.force) return { kind: "converged" };
  const fault = landingFault(wanted, facts);
  if (fault !== null) return { kind: "blocked", reason: fault };
  const sameContent = at.state?.kind === "file" && at.state.sha256 === sha256(wanted.content);
  const attributes = at.state?.kind === "file" ? attributeChanges(at.path, at.state, wanted, ids) : [];
  if (sameContent) return planOf(attributes.map(plannedAttribute));
  // The write sets owner, group and mode too; what differs is shown without commands of its own.
  const covered = attributes.map((change) => ({ view: viewAttribute(change), actions: [] }));
  return planOf([writeChange(wanted, at), ...covered]);
};

/** An attribute's change with the command for it. */
export const plannedAttribute = (change: AttributeChange): PlannedChange => ({
  view: viewAttribute(change),
  actions: applyAttribute(change),
});

const landingFault = (wanted: WantedFile, { at, ids }: LandingFacts): string | null => {
  if (at.state?.kind === "directory") return `${at.path} is a directory`;
  if (at.state !== null && at.state.fault !== null) return unreadable(at.path, at.state);
  if (at.state === null && !at.parent && wanted.parents === "required") return missingDirectory(at.path);
  return identityFault(wanted, ids);
};

/** Says that a path is there but cannot be looked at. */
export const unreadable = (path: string, state: FileState): string =>
  `${path} cannot be read: ${state.fault ?? "it is no ordinary file"}`;

/** Says that a path has no directory to be in. */
export const missingDirectory = (path: string): string => `the directory ${parentOf(path)} does not exist`;

const writeChange = (wanted: WantedFile, at: FileAt): PlannedChange => ({
  view: {
    field: at.path,
    before: at.state === null ? null : presentText(at.state),
    after: contentText(wanted.content),
    ...(wanted.secret ? { secret: true } : {}),
  },
  actions: [...(wanted.parents === "made" ? parentActions(at) : []), writeAction(wanted, at)],
});

/** What is there now, as shown in a diff. */
export const presentText = (state: FileState): string => {
  if (state.kind === "link") return `(link to ${state.target})\n`;
  if (state.kind !== "file") return "(no ordinary file)\n";
  return state.content === null
    ? `(${state.size} bytes, sha256 ${state.sha256})\n`
    : contentText(state.content);
};

const parentActions = (at: FileAt): readonly Action[] =>
  at.state === null && !at.parent
    ? [
        {
          kind: "run",
          argv: ["mkdir", "-p", parentOf(at.path)],
          touches: [{ kind: "path", path: parentOf(at.path) }],
        },
      ]
    : [];

const writeAction = (wanted: WantedFile, { path, state }: FileAt): Action => ({
  kind: "write",
  path,
  content: wanted.content,
  // A replaced link must not pass the mode of what it pointed to on to the file.
  mode: wantedMode(state, wanted.mode) ?? (state?.kind === "link" ? "0644" : null),
  owner: wanted.owner,
  group: wanted.group,
  validate: validateWords(wanted.validate),
  backup: wanted.backup,
});

/** The words of a validation command; the rules have seen that its quotes are closed. */
export const validateWords = (validate: string | null): readonly string[] | null =>
  validate === null ? null : (shellWords(validate) ?? []);
