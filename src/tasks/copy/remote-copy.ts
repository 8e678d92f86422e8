import type { Action } from "../../core/action.ts";
import { all, type Probe } from "../../core/probe.ts";
import { quote } from "../../core/shell.ts";
import { type Plan, planOf } from "../../core/task.ts";
import type { Value } from "../../core/value.ts";
import {
  attributeChanges,
  attributeValues,
  type Identities,
  identities,
  identityFault,
  wantedMode,
} from "../file-attributes/attributes.ts";
import { joinPlans } from "../file-content/join-plans.ts";
import { directoryPlan } from "../file-content/land-directory.ts";
import { missingDirectory, plannedAttribute, unreadable, validateWords } from "../file-content/land-file.ts";
import type { PlannedChange } from "../planned-change.ts";
import {
  baseName,
  cleanPath,
  type FileAt,
  type FileState,
  fileAt,
  modeText,
  parentOf,
} from "../shared-probes/file-state.ts";
import { type TreeMember, type TreeState, treeState, treeSums } from "../shared-probes/tree-state.ts";
import type { CopyParams } from "./schema.ts";

/** What is known of a copy from one place of a node to another. Trees are null where there is no directory. */
export interface RemoteFacts {
  readonly source: FileAt;
  readonly target: FileAt;
  readonly ids: Identities;
  readonly sourceTree: TreeState | null;
  readonly sourceSums: ReadonlyMap<string, string> | null;
  readonly targetTree: TreeState | null;
  readonly targetSums: ReadonlyMap<string, string> | null;
  /** The directory that takes the tree. */
  readonly treeTarget: FileAt;
}

/** Reads both ends of a copy on the node. */
export const remoteFacts = (params: CopyParams): Probe<RemoteFacts> => {
  const src = params.src ?? "/";
  const slash = params.dest.endsWith("/");
  const dest = slash ? `${params.dest}${baseName(src)}` : params.dest;
  return all<RemoteFacts>({
    source: fileAt(src, { checksum: true, follow: true }),
    target: fileAt(dest, {
      checksum: true,
      follow: params.follow,
      ...(slash ? {} : { into: baseName(src) }),
    }),
    ids: identities(params),
    sourceTree: treeState(cleanPath(src), true),
    sourceSums: treeSums(cleanPath(src)),
    targetTree: treeState(treeRoot(params), false),
    targetSums: treeSums(treeRoot(params)),
    treeTarget: fileAt(treeRoot(params)),
  });
};

/** Ansible's rule: without a slash at its end the tree keeps its own name under dest. */
const treeRoot = ({ src, dest }: CopyParams): string =>
  src?.endsWith("/") === true ? cleanPath(dest) : cleanPath(`${cleanPath(dest)}/${baseName(src ?? "")}`);

/** What it takes to have the copy. */
export const remotePlan = (params: CopyParams, facts: RemoteFacts): Plan<PlannedChange> => {
  const { source } = facts;
  if (source.state === null) return { kind: "blocked", reason: `${params.src} does not exist on the node` };
  if (source.state.fault !== null) return { kind: "blocked", reason: unreadable(source.path, source.state) };
  const fault = identityFault(params, facts.ids);
  if (fault !== null) return { kind: "blocked", reason: fault };
  if (source.state.kind === "directory") return treePlan(params, facts);
  if (source.state.kind !== "file") return { kind: "blocked", reason: `${params.src} is no file` };
  return filePlan(params, facts.target, source.state, facts);
};

const filePlan = (
  params: CopyParams,
  target: FileAt,
  source: FileState,
  facts: RemoteFacts,
): Plan<PlannedChange> => {
  const { state } = target;
  if (state !== null && !params.force) return { kind: "converged" };
  if (state?.kind === "directory") return { kind: "blocked", reason: `${target.path} is a directory` };
  if (state !== null && state.fault !== null)
    return { kind: "blocked", reason: unreadable(target.path, state) };
  if (state === null && !target.parent && !params.dest.endsWith("/")) {
    return { kind: "blocked", reason: missingDirectory(target.path) };
  }
  const preserved = params.mode === "preserve" ? source.mode : params.mode;
  const wanted = { mode: preserved, owner: params.owner, group: params.group };
  const attributes = state?.kind === "file" ? attributeChanges(target.path, state, wanted, facts.ids) : [];
  if (state?.kind === "file" && state.sha256 === source.sha256)
    return planOf(attributes.map(plannedAttribute));
  const kept = state?.kind === "file" ? state : null;
  const copied = copyChange({
    from: facts.source.path,
    to: target.path,
    before: state === null ? null : summary(state),
    after: summary(source),
    mode: wantedMode(kept ?? source, wanted.mode) ?? (kept ?? source).mode,
    owner: ownerText(params, kept),
    params,
    backup: params.backup && state !== null,
  });
  return planOf([copied, ...attributes.map((change) => ({ ...plannedAttribute(change), actions: [] }))]);
};

const summary = (state: FileState): string =>
  state.kind === "file" ? `(${state.size} bytes, sha256 ${state.sha256})` : `(${state.kind})`;

/** As chown takes it: what is asked for, else what the file there has; empty leaves it to the running user. */
const ownerText = ({ owner, group }: CopyParams, kept: { uid: number; gid: number } | null): string => {
  const user = owner ?? (kept === null ? "" : String(kept.uid));
  const team = group ?? (kept === null ? "" : String(kept.gid));
  return team === "" ? user : `${user}:${team}`;
};

interface Copied {
  readonly from: string;
  readonly to: string;
  readonly before: string | null;
  readonly after: string;
  readonly mode: string;
  readonly owner: string;
  readonly params: CopyParams;
  readonly backup: boolean;
}

const copyChange = (copied: Copied): PlannedChange => ({
  view: { field: copied.to, before: copied.before, after: copied.after },
  actions: [copyAction(copied)],
});

/** Like a write of the engine, but the content comes from the node: never half a file, never the wrong owner. */
const copyAction = ({ from, to, mode, owner, params, backup }: Copied): Action => {
  const directory = quote(parentOf(to));
  const validation = validateWords(params.validate)
    ?.map((word) => word.split("%s").map(quoteUnlessEmpty).join('"$t"'))
    .join(" ");
  return {
    kind: "script",
    script: [
      ...(params.dest.endsWith("/") ? [`mkdir -p ${directory} || exit 1`] : []),
      "umask 077",
      `t=$(mktemp ${directory}/.lbplay.XXXXXXXX) || exit 1`,
      `trap 'rm -f "$t"' EXIT; trap 'exit 129' HUP INT TERM PIPE`,
      `cat < ${quote(from)} > "$t" || exit 1`,
      ...(owner === "" ? [] : [`chown ${quote(owner)} "$t" || exit 1`]),
      `chmod ${mode} "$t" || exit 1`,
      ...(validation === undefined ? [] : [`${validation} >&2 || exit 65`]),
      ...(backup ? [`cp -p ${quote(to)} ${quote(to)}.$(date +%Y-%m-%d@%H:%M:%S~) || exit 1`] : []),
      `mv -f "$t" ${quote(to)}`,
    ].join("\n"),
    touches: [{ kind: "path", path: to }],
  };
};

const quoteUnlessEmpty = (part: string): string => (part === "" ? "" : quote(part));

const treePlan = (params: CopyParams, facts: RemoteFacts): Plan<PlannedChange> => {
  const { sourceTree, targetTree } = facts;
  const fault = sourceTree?.fault ?? targetTree?.fault ?? null;
  if (sourceTree === null || fault !== null) {
    return { kind: "blocked", reason: `${params.src} cannot be copied: ${fault ?? "it is no directory"}` };
  }
  const root = cleanPath(params.src ?? "/");
  const present = new Map(targetTree?.members.map((member) => [member.path, member]));
  const moved = sourceTree.members.map((member) => ({
    member,
    to: cleanPath(`${treeRoot(params)}${member.path.slice(root.length)}`),
  }));
  const directories = moved.filter(({ member, to }) => member.kind === "directory" && !present.has(to));
  return joinPlans([
    ...directories.map(({ to, member }) => newDirectory(params, to, member, facts)),
    ...moved
      .filter(({ member }) => member.kind === "file")
      .map(({ member, to }) => memberPlan({ params, member, to, present: present.get(to) ?? null, facts })),
    ownerPlan(params, targetTree?.members ?? [], facts.ids),
  ]);
};

const newDirectory = (
  params: CopyParams,
  path: string,
  member: TreeMember,
  { ids }: RemoteFacts,
): Plan<PlannedChange> =>
  directoryPlan(
    { path, state: null, parent: true },
    { mode: params.directory_mode ?? modeText(member.bits), owner: params.owner, group: params.group },
    ids,
  );

interface MovedMember {
  readonly params: CopyParams;
  readonly member: TreeMember;
  readonly to: string;
  readonly present: TreeMember | null;
  readonly facts: RemoteFacts;
}

/** A file of the tree is copied where its content differs; its mode is the source's when it is new. */
const memberPlan = ({ params, member, to, present, facts }: MovedMember): Plan<PlannedChange> => {
  const wanted = facts.sourceSums?.get(member.path);
  const there = facts.targetSums?.get(to);
  if (wanted === undefined) return { kind: "blocked", reason: `${member.path} cannot be read` };
  if (present !== null && (!params.force || there === wanted)) return { kind: "converged" };
  if (present?.kind === "directory") return { kind: "blocked", reason: `${to} is a directory` };
  const kept = present?.kind === "file" ? present : null;
  return planOf([
    copyChange({
      from: member.path,
      to,
      before: there === undefined ? (present === null ? null : `(${present.kind})`) : `(sha256 ${there})`,
      after: `(sha256 ${wanted})`,
      mode: modeText((kept ?? member).bits),
      owner: ownerText(params, kept),
      params,
      backup: params.backup && kept !== null,
    }),
  ]);
};

/** owner and group are kept on everything that is there already. */
const ownerPlan = (
  { owner, group }: CopyParams,
  members: readonly TreeMember[],
  ids: Identities,
): Plan<PlannedChange> =>
  planOf(
    members.flatMap((member) =>
      attributeChanges(member.path, member, { mode: null, owner, group }, ids).map(plannedAttribute),
    ),
  );

/** What `register` sees. */
export const remoteValues = ({ source, target, treeTarget }: RemoteFacts): Readonly<Record<string, Value>> =>
  source.state?.kind === "directory"
    ? { dest: treeTarget.path }
    : { dest: target.path, ...attributeValues(target.state) };
