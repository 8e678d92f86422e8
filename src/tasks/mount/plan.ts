import type { Action, Touched } from "../../core/action.ts";
import { argv, quote } from "../../core/shell.ts";
import { type Plan, planOf } from "../../core/task.ts";
import { unreadable } from "../file-content/land-file.ts";
import type { PlannedChange } from "../planned-change.ts";
import { cleanPath, type FileAt, type FileState, parentOf } from "../shared-probes/file-state.ts";
import { entriesIn, withEntry, withoutEntry } from "./fstab.ts";
import { type Mounted, mountedAt, shows } from "./mounts.ts";
import type { MountParams } from "./schema.ts";

/** What is known of a mount. */
export interface MountFacts {
  readonly fstab: FileAt;
  readonly mounts: readonly Mounted[];
  /** What is at the mount point; null where nothing is. */
  readonly point: FileState | null;
}

/** What it takes to have something mounted, in fstab, or neither. */
export const planMount = (params: MountParams, facts: MountFacts): Plan<PlannedChange> => {
  const { state } = facts.fstab;
  if (params.state !== "ephemeral" && state !== null && state.content === null)
    return { kind: "blocked", reason: unreadable(facts.fstab.path, state) };
  const text = state?.content?.toString("utf8") ?? "";
  const here = mountedAt(facts.mounts, cleanPath(params.path));
  switch (params.state) {
    case "present":
      return planOf(fstabChange(params, facts, text, withEntry(params, text)));
    case "absent_from_fstab":
      return planOf(fstabChange(params, facts, text, withoutEntry(params, text)));
    case "absent": {
      const kept = fstabChange(params, facts, text, withoutEntry(params, text));
      if (kept.length === 0) return { kind: "converged" };
      return planOf([
        ...(here === null ? [] : [unmount(params, text)]),
        ...(facts.point === null ? [] : [removePoint(params)]),
        ...kept,
      ]);
    }
    case "unmounted":
      return planOf(here === null ? [] : [unmount(params, text)]);
    case "mounted": {
      const wanted = withEntry(params, text);
      const kept = fstabChange(params, facts, text, wanted);
      if (here === null) return planOf([mount(params, facts, kept.length === 0 ? null : wanted), ...kept]);
      return planOf(kept.length === 0 ? [] : [remount(params, wanted), ...kept]);
    }
    case "remounted":
      if (here === null) return { kind: "blocked", reason: `${params.path} is not mounted` };
      return planOf([remount(params, null)]);
    case "ephemeral":
      return planEphemeral(params, facts, here);
  }
};

const planEphemeral = (params: MountParams, facts: MountFacts, here: Mounted | null): Plan<PlannedChange> => {
  const { path, fstype, opts, src } = params;
  const words = [
    "-t",
    fstype ?? "",
    ...(opts === null || opts === "defaults" ? [] : ["-o", opts]),
    src ?? "",
    path,
  ];
  if (here === null)
    return planOf([
      {
        view: { field: `mount of ${path}`, before: null, after: src },
        actions: [
          ...directory(params, facts),
          {
            kind: "run",
            argv: ["mount", ...words],
            timeoutMs: null,
            touches: [takenBack(path, ["umount", path])],
          },
        ],
      },
    ]);
  if (!shows(facts.mounts, here, src ?? ""))
    return {
      kind: "blocked",
      reason: `${here.source} is mounted at ${path}, not ${src}: unmount it first, or choose another path`,
    };
  const again = argv("mount", ...words);
  const script = `${argv("mount", "-o", "remount", ...words)} || { ${argv("umount", path)} && ${again}; }`;
  return planOf([anew(params, { kind: "script", script, timeoutMs: null, touches: [lasting(path)] })]);
};

/** The options of mount for a file that is not the system's. */
const fileWords = ({ fstab }: MountParams): readonly string[] =>
  fstab === "/etc/fstab" ? [] : ["-T", fstab];

/**
 * Mounts before the line is in fstab, by a copy that has it: what cannot be mounted would keep the node from its next
 * boot, so it must not get in there.
 */
const mount = (params: MountParams, facts: MountFacts, wanted: string | null): PlannedChange => {
  const { path } = params;
  const touches = [takenBack(path, ["umount", path])];
  const made = directory(params, facts);
  const act: Action =
    wanted === null
      ? { kind: "run", argv: ["mount", ...fileWords(params), path], timeoutMs: null, touches }
      : byCopy(
          wanted,
          `mount -T "$t" ${quote(path)} </dev/null${made.length === 0 ? "" : ` || { c=$?; rmdir ${quote(path)}; exit $c; }`}`,
          touches,
        );
  return { view: { field: `mount of ${path}`, before: null, after: params.src }, actions: [...made, act] };
};

const directory = ({ path }: MountParams, { point }: MountFacts): readonly Action[] =>
  point === null ? [{ kind: "run", argv: ["mkdir", "-p", path], touches: [{ kind: "path", path }] }] : [];

/** Not every file system can be remounted: it is then taken off and mounted, and as it was before where that fails. */
const remount = (params: MountParams, wanted: string | null): PlannedChange => {
  const { path, opts, state } = params;
  const options = state === "remounted" && opts !== null && opts !== "defaults" ? opts : null;
  const file = fileWords(params);
  if (wanted === null) {
    const first = argv("mount", "-o", options === null ? "remount" : `remount,${options}`, ...file, path);
    const script =
      options === null
        ? `${first} || { ${argv("umount", path)} && ${argv("mount", ...file, path)}; }`
        : first;
    return anew(params, { kind: "script", script, timeoutMs: null, touches: [lasting(path)] });
  }
  const point = quote(path);
  const script = [
    `mount -o remount -T "$t" ${point} </dev/null && exit`,
    `umount ${point} </dev/null || exit`,
    `mount -T "$t" ${point} </dev/null || { c=$?; ${argv("mount", ...file, path)} </dev/null; exit $c; }`,
  ].join("\n");
  return anew(params, byCopy(wanted, script, [takenBack(path, ["mount", "-o", "remount", ...file, path])]));
};

const anew = ({ path }: MountParams, action: Action): PlannedChange => ({
  view: { field: `mount of ${path}`, before: null, after: "mounted anew", event: true },
  actions: [action],
});

const byCopy = (text: string, script: string, touches: readonly Touched[]): Action => ({
  kind: "script",
  script: `umask 077; t=$(mktemp) || exit 1; trap 'rm -f "$t"' EXIT; cat >"$t" || exit 1\n${script}`,
  stdin: Buffer.from(text),
  timeoutMs: null,
  touches,
});

const unmount = (params: MountParams, text: string): PlannedChange => {
  const { path } = params;
  const back = ["mount", ...fileWords(params), path];
  return {
    view: { field: `mount of ${path}`, before: "mounted", after: null },
    actions: [
      {
        kind: "run",
        argv: ["umount", path],
        timeoutMs: null,
        touches: [entriesIn(params, text) === null ? lasting(path) : takenBack(path, back)],
      },
    ],
  };
};

const takenBack = (path: string, words: readonly string[]): Touched => ({
  kind: "inverse",
  what: `mount of ${path}`,
  argv: words,
});

const lasting = (path: string): Touched => ({ kind: "lasting", what: `what is mounted at ${path}` });

const removePoint = ({ path }: MountParams): PlannedChange => ({
  view: { field: path, before: "directory", after: null },
  actions: [{ kind: "run", argv: ["rmdir", path], touches: [{ kind: "path", path }] }],
});

const fstabChange = (
  params: MountParams,
  { fstab }: MountFacts,
  before: string,
  after: string,
): readonly PlannedChange[] => {
  if (before === after) return [];
  const { path } = fstab;
  const parent = parentOf(path);
  const made: Action = {
    kind: "run",
    argv: ["mkdir", "-p", parent],
    touches: [{ kind: "path", path: parent }],
  };
  return [
    {
      view: {
        field: `${params.path} in ${path}`,
        before: entriesIn(params, before),
        after: entriesIn(params, after),
      },
      actions: [
        ...(fstab.parent ? [] : [made]),
        {
          kind: "write",
          path,
          content: Buffer.from(after),
          mode: null,
          owner: null,
          group: null,
          validate: null,
          backup: params.backup,
        },
      ],
    },
  ];
};
