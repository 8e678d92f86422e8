import type { Action, Touched } from "../../core/action.ts";
import { all, known, type Probe } from "../../core/probe.ts";
import type { ChangeView } from "../../core/task.ts";
import type { Value } from "../../core/value.ts";
import { type FileState, modeText } from "../shared-probes/file-state.ts";
import { groupId, userId } from "../shared-probes/identity.ts";
import { type ModeParameter, modeBits, NEW_DIRECTORY_MODE, NEW_FILE_MODE } from "./mode.ts";

/** Who and what a path shall be; null leaves it as it is. */
export interface Attributes {
  readonly mode: ModeParameter | null;
  readonly owner: string | null;
  readonly group: string | null;
}

/** The ids of the wanted owner and group; null where none is wanted or the node does not know it. */
export interface Identities {
  readonly uid: number | null;
  readonly gid: number | null;
}

/** One attribute of one path that will change. */
export interface AttributeChange {
  readonly kind: "mode" | "owner" | "group";
  readonly path: string;
  readonly before: string;
  readonly after: string;
  /** The path is a link and the link itself is meant. */
  readonly link: boolean;
}

/** What is known of something whose attributes are compared; names are only for showing. */
export type Owned = Pick<FileState, "kind" | "bits" | "uid" | "gid"> &
  Partial<Pick<FileState, "owner" | "group">>;

/** Reads the ids of the wanted owner and group. */
export const identities = ({ owner, group }: Attributes): Probe<Identities> =>
  all<Identities>({
    uid: owner === null ? known(null) : userId(owner),
    gid: group === null ? known(null) : groupId(group),
  });

/** Why the wanted owner or group cannot be given, or null. */
export const identityFault = ({ owner, group }: Attributes, { uid, gid }: Identities): string | null => {
  if (owner !== null && uid === null) return `there is no user ${owner}`;
  if (group !== null && gid === null) return `there is no group ${group}`;
  return null;
};

/** What differs of a path that is there. Owner comes before mode: chown takes setuid bits away. */
export const attributeChanges = (
  path: string,
  state: Owned,
  wanted: Attributes,
  ids: Identities,
): readonly AttributeChange[] => {
  const link = state.kind === "link";
  const mode = link ? null : wantedMode(state, wanted.mode);
  const { owner, group } = wanted;
  const moves = (owner !== null && ids.uid !== state.uid) || (group !== null && ids.gid !== state.gid);
  // chown takes a file's setuid and setgid bits away, so a mode that has them must be set again.
  const left = moves && state.kind === "file" ? state.bits & ~0o6000 : state.bits;
  return [
    ...(owner !== null && ids.uid !== state.uid
      ? [{ kind: "owner" as const, path, before: named(state.owner, state.uid), after: owner, link }]
      : []),
    ...(group !== null && ids.gid !== state.gid
      ? [{ kind: "group" as const, path, before: named(state.group, state.gid), after: group, link }]
      : []),
    ...(mode !== null && mode !== modeText(left)
      ? [{ kind: "mode" as const, path, before: modeText(left), after: mode, link }]
      : []),
  ];
};

const named = (name: string | undefined, id: number): string =>
  name === undefined || name === "UNKNOWN" ? String(id) : name;

/** The mode that something shall have, as octal text; null where nothing is asked. A link has none. */
export const wantedMode = (
  state: Pick<FileState, "kind" | "bits"> | null,
  mode: ModeParameter | null,
  fresh: "file" | "directory" = "file",
): string | null => {
  if (mode === null) return null;
  const current =
    state === null || state.kind === "link"
      ? fresh === "directory"
        ? NEW_DIRECTORY_MODE
        : NEW_FILE_MODE
      : state.bits & 0o7777;
  const directory = state === null ? fresh === "directory" : state.kind === "directory";
  return modeText(modeBits(mode, { current, directory }));
};

/** How an attribute's change is shown. */
export const viewAttribute = (change: AttributeChange): ChangeView => ({
  field: `${change.kind} of ${change.path}`,
  before: change.before,
  after: change.after,
});

/** What sets an attribute. */
export const applyAttribute = ({ kind, path, before, after, link }: AttributeChange): readonly Action[] => {
  const flags = link ? ["-h"] : [];
  const touches: readonly Touched[] = [{ kind: "path", path }];
  switch (kind) {
    case "owner":
      return [{ kind: "run", argv: ["chown", ...flags, after, path], touches }];
    case "group":
      return [{ kind: "run", argv: ["chgrp", ...flags, after, path], touches }];
    case "mode":
      return [{ kind: "run", argv: ["chmod", chmodMode(before, after), path], touches }];
  }
};

/** GNU chmod leaves a directory's setuid and setgid bits alone unless the mode has five digits. */
const chmodMode = (before: string, after: string): string => (before.startsWith("0") ? after : `0${after}`);

/** What `register` sees of a path, under Ansible's names. */
export const attributeValues = (state: FileState | null): Readonly<Record<string, Value>> =>
  state === null
    ? {}
    : {
        uid: state.uid,
        gid: state.gid,
        owner: named(state.owner, state.uid),
        group: named(state.group, state.gid),
        mode: state.mode,
        size: state.size,
        state:
          state.kind === "file" && state.links > 1 ? "hard" : state.kind === "other" ? "file" : state.kind,
      };
