import { all, type Probe, read, text } from "../../core/probe.ts";
import { argv } from "../../core/shell.ts";
import { defineState, type Plan, planOf } from "../../core/task.ts";
import { attributeChanges } from "../file-attributes/attributes.ts";
import { contentText } from "../file-content/content-view.ts";
import { missingDirectory, plannedAttribute, unreadable } from "../file-content/land-file.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { type FileAt, type FileState, fileAt, parentOf } from "../shared-probes/file-state.ts";
import { keyFaults, withKeys } from "./keys.ts";
import { type AuthorizedKeyParams, schema } from "./schema.ts";

interface AuthorizedKeyFacts {
  /** The file, behind links. */
  readonly file: FileAt;
  readonly directory: FileAt;
  readonly uid: number | null;
  readonly gid: number | null;
}

/** Keeps public keys in a user's authorized_keys, or out of it. */
export const authorizedKey = defineState<AuthorizedKeyParams, AuthorizedKeyFacts, PlannedChange>({
  kind: "state",
  name: "authorized_key",
  aliases: ["ansible.posix.authorized_key"],
  summary: "Keeps public keys in a user's authorized_keys, or out of it.",
  schema,
  example: `- ansible.posix.authorized_key:
    user: deploy
    key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJtIxm0qCmTWmGEtRNOvFmKMvP2sFZq9Yl8PvmFbNnZi deploy@example.com
    key_options: no-port-forwarding,from="192.0.2.0/24"
`,
  rules,
  inspect,
  diff,
  view: viewOf,
  apply: actionsOf,
  result: (params, facts) => ({
    user: params.user,
    key: params.key,
    path: params.path,
    state: params.state,
    key_options: params.key_options,
    comment: params.comment,
    exclusive: params.exclusive,
    manage_dir: params.manage_dir,
    follow: params.follow,
    validate_certs: params.validate_certs,
    keyfile: fileOf(params, facts),
  }),
});

function rules(params: AuthorizedKeyParams): readonly string[] {
  if (/^(https?|ftp):/.test(params.key)) {
    return ["a URL as key is not supported: fetch it with get_url or uri, and give its content"];
  }
  const words = [params.key_options, params.comment];
  return [
    ...keyFaults(params),
    ...(words.some((word) => word !== null && /[\r\n]/.test(word))
      ? ["key_options and comment are one line each"]
      : []),
  ];
}

function inspect({ user, path }: AuthorizedKeyParams): Probe<AuthorizedKeyFacts> {
  const home = path === null ? { home: user } : {};
  const file = path ?? ".ssh/authorized_keys";
  return all<AuthorizedKeyFacts>({
    file: fileAt(file, { ...home, content: true, follow: true }),
    directory: fileAt(path === null ? ".ssh" : parentOf(path), home),
    uid: idOf("-u", user),
    gid: idOf("-g", user),
  });
}

const idOf = (flag: "-u" | "-g", user: string): Probe<number | null> =>
  read(argv("id", flag, user), (answer) => (answer.code === 0 ? Number(text(answer)) : null));

const fileOf = ({ path, follow }: AuthorizedKeyParams, { file, directory }: AuthorizedKeyFacts): string => {
  if (follow || file.path.startsWith("~")) return file.path;
  return path ?? `${directory.path}/authorized_keys`;
};

function diff(params: AuthorizedKeyParams, facts: AuthorizedKeyFacts): Plan<PlannedChange> {
  const { uid, gid, file, directory } = facts;
  if (uid === null || gid === null) return { kind: "blocked", reason: `there is no user ${params.user}` };
  const { state } = file;
  if (state !== null && state.content === null) {
    return { kind: "blocked", reason: unreadable(file.path, state) };
  }
  const content = withKeys(params, state?.content ?? Buffer.alloc(0));
  if (content === null) return { kind: "converged" };
  if (directory.state === null && !params.manage_dir) {
    return { kind: "blocked", reason: `${missingDirectory(fileOf(params, facts))}, and manage_dir is false` };
  }
  if (directory.state === null && !directory.parent) {
    return { kind: "blocked", reason: missingDirectory(directory.path) };
  }
  const owner = { uid, gid, user: params.user };
  return planOf([
    ...(params.manage_dir ? directoryChanges(directory, owner) : []),
    fileChange(fileOf(params, facts), state, content, owner),
  ]);
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
  readonly user: string;
}

const directoryChanges = ({ path, state }: FileAt, { uid, gid }: Owner): readonly PlannedChange[] => {
  if (state !== null && state.kind !== "link") {
    const wanted = { mode: "0700", owner: String(uid), group: String(gid) };
    return attributeChanges(path, state, wanted, { uid, gid }).map(plannedAttribute);
  }
  const touches = [{ kind: "path" as const, path }];
  return state !== null
    ? []
    : [
        {
          view: { field: path, before: null, after: "directory" },
          actions: [
            { kind: "run", argv: ["mkdir", "-m", "0700", path], touches },
            { kind: "run", argv: ["chown", `${uid}:${gid}`, path], touches },
          ],
        },
      ];
};

const fileChange = (
  path: string,
  state: FileState | null,
  content: Buffer,
  { uid, gid }: Owner,
): PlannedChange => ({
  view: {
    field: path,
    before: state?.content === null || state === null ? null : contentText(state.content),
    after: contentText(content),
  },
  actions: [
    {
      kind: "write",
      path,
      content,
      mode: "0600",
      owner: String(uid),
      group: String(gid),
      validate: null,
      backup: false,
    },
  ],
});
