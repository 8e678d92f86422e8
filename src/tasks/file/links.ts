import type { Action } from "../../core/action.ts";
import { type Plan, planOf } from "../../core/task.ts";
import { attributeChanges, identityFault } from "../file-attributes/attributes.ts";
import { missingDirectory, plannedAttribute, unreadable } from "../file-content/land-file.ts";
import type { PlannedChange } from "../planned-change.ts";
import { cleanPath, type FileState, parentOf } from "../shared-probes/file-state.ts";
import type { FileFacts } from "./file.ts";
import type { FileParams } from "./schema.ts";
import { timeChanges } from "./times.ts";

/** Where the source of a link is: a relative one counts from the link's directory. */
export const sourcePath = ({ path, src, state }: FileParams): string | null => {
  if (src === null) return null;
  return cleanPath(src.startsWith("/") || state === "hard" ? src : `${parentOf(path)}/${src}`);
};

/** What it takes to have a symbolic link. */
export const linkPlan = (params: FileParams, facts: FileFacts): Plan<PlannedChange> => {
  const { path, state } = facts.self;
  const present = state?.kind === "link" ? state.target : null;
  const target = params.src ?? present;
  if (target === null) return { kind: "blocked", reason: `${path} is no link yet, and src is not given` };
  const fault = identityFault(params, facts.ids) ?? linkFault(params, facts);
  if (fault !== null) return { kind: "blocked", reason: fault };
  const link: readonly PlannedChange[] =
    present === target
      ? []
      : [
          {
            view: { field: path, before: state === null ? null : shown(state), after: `link to ${target}` },
            actions: linkActions(state, ["ln", "-sfn", target, path]),
          },
        ];
  return planOf([...link, ...attributesBehind(params, facts)]);
};

const shown = (state: FileState): string => (state.kind === "link" ? `link to ${state.target}` : state.kind);

const linkActions = (state: FileState | null, make: readonly string[]): readonly Action[] => {
  const path = make.at(-1) ?? "";
  const clear: readonly Action[] =
    state?.kind === "directory"
      ? [{ kind: "run", argv: ["rmdir", path], touches: [{ kind: "tree", path }] }]
      : [];
  return [...clear, { kind: "run", argv: make, touches: [{ kind: "path", path }] }];
};

const linkFault = (params: FileParams, { self, source, empty }: FileFacts): string | null => {
  const { path, state } = self;
  if (state?.kind === "unknown") return unreadable(path, state);
  if (state === null && !self.parent) return missingDirectory(path);
  if (params.src !== null && source?.state === null && !params.force) {
    return `the link's target ${source.path} does not exist (force: true links to it all the same)`;
  }
  if (state === null || state.kind === "link") return null;
  if (!params.force) return `${path} is a ${state.kind}; force: true puts a link in its place`;
  return state.kind === "directory" && !empty ? `${path} is a directory that is not empty` : null;
};

/** With follow, owner and mode are those of what the link leads to, if that is there; otherwise the link's own. */
const attributesBehind = (params: FileParams, facts: FileFacts): readonly PlannedChange[] => {
  const kept =
    params.src === null || (facts.self.state?.kind === "link" && facts.self.state.target === params.src);
  const subject = params.follow
    ? params.src === null
      ? facts.real
      : facts.source
    : kept
      ? facts.self
      : null;
  if (subject === null || subject.state === null) {
    return !params.follow && !kept ? ownLink(params) : [];
  }
  return [
    ...attributeChanges(subject.path, subject.state, params, facts.ids).map(plannedAttribute),
    ...timeChanges(params, subject.path, subject.state, facts.times),
  ];
};

/** Owner and group of a link that is only about to be made. */
const ownLink = ({ path, owner, group }: FileParams): readonly PlannedChange[] => {
  const words = [owner ?? "", group === null ? "" : `:${group}`].join("");
  if (words === "") return [];
  return [
    {
      view: { field: `owner of ${path}`, before: null, after: words },
      actions: [{ kind: "run", argv: ["chown", "-h", words, path], touches: [{ kind: "path", path }] }],
    },
  ];
};

/** What it takes to have a hard link. */
export const hardLinkPlan = (params: FileParams, facts: FileFacts): Plan<PlannedChange> => {
  const { self, source } = facts;
  const fault = identityFault(params, facts.ids) ?? hardLinkFault(params, facts);
  if (fault !== null) return { kind: "blocked", reason: fault };
  const subject = source?.state ?? self.state;
  const link: readonly PlannedChange[] =
    source === null || isSame(self.state, source.state)
      ? []
      : [
          {
            view: {
              field: self.path,
              before: self.state === null ? null : shown(self.state),
              after: `hard link to ${source.path}`,
            },
            actions: [
              {
                kind: "run",
                argv: ["ln", "-fn", source.path, self.path],
                touches: [{ kind: "path", path: self.path }],
              },
            ],
          },
        ];
  const attributes = subject === null ? [] : attributeChanges(self.path, subject, params, facts.ids);
  return planOf([
    ...link,
    ...attributes.map(plannedAttribute),
    ...(subject === null ? [] : timeChanges(params, self.path, subject, facts.times)),
  ]);
};

const isSame = (one: FileState | null, other: FileState | null): boolean =>
  one !== null && other !== null && one.inode === other.inode && one.device === other.device;

const hardLinkFault = (params: FileParams, { self, source }: FileFacts): string | null => {
  if (source === null) {
    const linked = self.state?.kind === "file" && self.state.links > 1;
    return linked ? null : `${self.path} is no hard link yet, and src is not given`;
  }
  if (source.state === null) return `the link's source ${source.path} does not exist`;
  if (self.state?.kind === "unknown") return unreadable(self.path, self.state);
  if (self.state === null) return self.parent ? null : missingDirectory(self.path);
  if (isSame(self.state, source.state) || self.state.kind === "link") return null;
  if (self.state.kind === "directory") return `${self.path} is a directory`;
  return params.force ? null : `${self.path} is another file; force: true puts a link in its place`;
};
