import { all, known, type Probe, read } from "../../core/probe.ts";
import { argv } from "../../core/shell.ts";
import { defineState, type Plan, planOf } from "../../core/task.ts";
import {
  attributeChanges,
  attributeValues,
  type Identities,
  identities,
  identityFault,
} from "../file-attributes/attributes.ts";
import { attributeRules } from "../file-attributes/schema.ts";
import { joinPlans } from "../file-content/join-plans.ts";
import { attributeActions, directoryPlan } from "../file-content/land-directory.ts";
import { missingDirectory, plannedAttribute, unreadable } from "../file-content/land-file.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { baseName, cleanPath, type FileAt, fileAt } from "../shared-probes/file-state.ts";
import { assign, labelled } from "../shared-probes/label.ts";
import { type TreeState, treeLinks, treeState } from "../shared-probes/tree-state.ts";
import { hardLinkPlan, linkPlan, sourcePath } from "./links.ts";
import { memberChanges } from "./members.ts";
import { type FileParams, schema } from "./schema.ts";
import { freshTimes, type TimeFacts, timeChanges, timeFacts, timeRules } from "./times.ts";

/** What file reads of a node. */
export interface FileFacts {
  /** The path as it stands, a link not followed. */
  readonly self: FileAt;
  /** Where it leads to; the same as self where links are not followed. */
  readonly real: FileAt;
  /** What a link's src is; null where there is no src. */
  readonly source: FileAt | null;
  readonly ids: Identities;
  readonly times: TimeFacts;
  /** The deepest directory of the path that exists. */
  readonly existing: string;
  readonly tree: TreeState | null;
  readonly links: TreeState | null;
  /** Whether it is a directory without members. */
  readonly empty: boolean;
}

/** Sets what a path is (file, directory, link, nothing) and who may do what with it. */
export const file = defineState<FileParams, FileFacts, PlannedChange>({
  kind: "state",
  name: "file",
  aliases: ["ansible.builtin.file", "ansible.legacy.file"],
  summary: "Sets what a path is (file, directory, link, nothing), its owner, group and mode.",
  schema,
  example: `- ansible.builtin.file:
    path: /etc/haproxy/certs
    state: directory
    owner: root
    mode: "0700"
`,
  rules: (params) => [
    ...attributeRules(params),
    ...timeRules(params),
    ...(params.recurse && params.state !== null && params.state !== "directory"
      ? ["recurse needs state directory"]
      : []),
    ...(params.src !== null && params.state !== "link" && params.state !== "hard"
      ? ["src needs state link or hard"]
      : []),
    ...(params.state === "absent" && cleanPath(params.path) === "/" ? ["/ cannot be removed"] : []),
  ],
  inspect,
  diff,
  view: viewOf,
  apply: actionsOf,
  result: (params, { self, real }) => {
    const { path, state } = params.state === "link" || params.state === "absent" ? self : real;
    return {
      path,
      dest: path,
      ...(params.src === null ? {} : { src: params.src }),
      ...(state === null ? { state: "absent" } : attributeValues(state)),
    };
  },
});

function inspect(params: FileParams): Probe<FileFacts> {
  const { path, state, src } = params;
  const target = sourcePath(params);
  const into = state === "hard" && src !== null ? { into: baseName(src) } : {};
  const self = fileAt(path, into);
  const real =
    params.follow && state !== "absent" && state !== "hard" ? fileAt(path, { follow: true }) : self;
  const attributes = params.mode !== null || params.owner !== null || params.group !== null;
  const makes = state === "directory" || (state === null && params.recurse);
  const recurses = params.recurse && attributes;
  return all<FileFacts>({
    self,
    real,
    source: target === null ? known(null) : fileAt(target, state === "link" ? { follow: true } : {}),
    ids: identities(params),
    times: timeFacts(params),
    existing: makes && attributes ? existingDirectory(path) : known(""),
    tree: recurses ? treeState(cleanPath(path), params.follow) : known(null),
    links: recurses && params.follow ? treeLinks(cleanPath(path)) : known(null),
    empty: state === "link" && params.force ? emptyDirectory(path) : known(false),
  });
}

/** Costs no fork: the shell's own tests. */
const existingDirectory = (path: string): Probe<string> =>
  read(
    labelled(`how far ${cleanPath(path)} exists`, [
      assign("p", cleanPath(path)),
      'while [ -n "$p" ] && [ ! -d "$p" ]; do p=${p%/*}; done; printf %s "$p"',
    ]),
    ({ stdout }) => stdout.toString("utf8"),
  );

const emptyDirectory = (path: string): Probe<boolean> =>
  read(argv("ls", "-A", path), ({ code, stdout }) => code === 0 && stdout.length === 0);

function diff(params: FileParams, facts: FileFacts): Plan<PlannedChange> {
  switch (params.state) {
    case "absent":
      return absentPlan(facts);
    case "link":
      return linkPlan(params, facts);
    case "hard":
      return hardLinkPlan(params, facts);
    case "directory":
      return wholeDirectoryPlan(params, facts);
    case "touch":
      return touchPlan(params, facts);
    case "file":
      return presentPlan(params, facts, ["file", "other"]);
    case null:
      return params.recurse && (facts.real.state === null || facts.real.state.kind === "directory")
        ? wholeDirectoryPlan(params, facts)
        : presentPlan(params, facts, params.recurse ? ["directory"] : ["file", "other", "directory", "link"]);
  }
}

const absentPlan = ({ self: { path, state } }: FileFacts): Plan<PlannedChange> => {
  if (state === null) return { kind: "converged" };
  if (state.kind === "unknown") return { kind: "blocked", reason: unreadable(path, state) };
  return planOf([
    { view: { field: path, before: state.kind, after: null }, actions: [{ kind: "remove", path }] },
  ]);
};

const wholeDirectoryPlan = (params: FileParams, facts: FileFacts): Plan<PlannedChange> => {
  const { real, ids, tree, links } = facts;
  const fault = tree?.fault ?? links?.fault ?? null;
  if (fault !== null) return { kind: "blocked", reason: `${real.path} cannot be listed: ${fault}` };
  const missing = real.state === null ? missingAbove(real.path, facts.existing) : [];
  const inner = [...(tree?.members.slice(1) ?? []), ...(links?.members ?? [])];
  return joinPlans([
    directoryPlan(real, params, ids, missing),
    planOf(memberChanges(inner, params, ids)),
    planOf(real.state === null ? [] : timeChanges(params, real.path, real.state, facts.times)),
  ]);
};

/** The directories above a path that do not exist, outer ones first. */
const missingAbove = (path: string, existing: string): readonly string[] => {
  if (!path.startsWith(`${existing}/`)) return [];
  const parts = path
    .slice(existing.length + 1)
    .split("/")
    .slice(0, -1);
  return parts.map((_, index) => `${existing}/${parts.slice(0, index + 1).join("/")}`);
};

const touchPlan = (params: FileParams, facts: FileFacts): Plan<PlannedChange> => {
  const { path, state, parent } = facts.real;
  if (state !== null) return presentPlan(params, facts, ["file", "other", "directory", "link"]);
  const fault = parent ? identityFault(params, facts.ids) : missingDirectory(path);
  if (fault !== null) return { kind: "blocked", reason: fault };
  return planOf([
    {
      view: { field: path, before: null, after: "file" },
      actions: [
        { kind: "run", argv: ["touch", path], touches: [{ kind: "path", path }] },
        ...attributeActions([path], params, "file"),
        ...freshTimes(params, path),
      ],
    },
  ]);
};

/** Attributes and times of something that has to be there already. */
const presentPlan = (
  params: FileParams,
  { self, real, ids, times }: FileFacts,
  kinds: readonly string[],
): Plan<PlannedChange> => {
  const { path, state } = real;
  // A link to nowhere has no attributes to set; with follow that is Ansible's warning, not a failure.
  if (state === null && self.state?.kind === "link" && params.state === null) return { kind: "converged" };
  if (state === null) return { kind: "blocked", reason: `${path} does not exist` };
  if (state.kind === "unknown") return { kind: "blocked", reason: unreadable(path, state) };
  if (!kinds.includes(state.kind)) return { kind: "blocked", reason: `${path} is a ${state.kind}` };
  const fault = identityFault(params, ids);
  if (fault !== null) return { kind: "blocked", reason: fault };
  return planOf([
    ...attributeChanges(path, state, params, ids).map(plannedAttribute),
    ...timeChanges(params, path, state, times),
  ]);
};
