import type { Action, Touched } from "../../core/action.ts";
import { all, type Probe } from "../../core/probe.ts";
import { quote } from "../../core/shell.ts";
import { defineState, type Plan, planOf } from "../../core/task.ts";
import { type RefreshFrame, refreshLists } from "../apt/commands.ts";
import { wantedMode } from "../file-attributes/attributes.ts";
import { modeFault } from "../file-attributes/mode.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { parentOf } from "../shared-probes/file-state.ts";
import { type SourceFacts, type Sources, sourceFacts } from "./facts.ts";
import { type PpaKey, ppaKey, ppaLine, ppaOf } from "./ppa.ts";
import { type AptRepositoryParams, schema } from "./schema.ts";
import { fileNameOf, sourceIn, sourceLine, withAdded, withEnabled, without } from "./source-lines.ts";

interface AptRepositoryFacts {
  readonly found: SourceFacts;
  readonly key: PpaKey;
}

/** Adds a repository to the sources of apt, or takes it out. */
export const aptRepository = defineState<AptRepositoryParams, AptRepositoryFacts, PlannedChange>({
  kind: "state",
  name: "apt_repository",
  aliases: ["ansible.builtin.apt_repository", "ansible.legacy.apt_repository"],
  summary: "Adds a repository to the sources of apt, or takes it out, and fetches the package lists.",
  schema,
  example: `- ansible.builtin.apt_repository:
    repo: deb [signed-by=/usr/share/keyrings/haproxy.asc] http://haproxy.debian.net bookworm-backports-2.8 main
    filename: haproxy
`,
  rules: ({ repo, mode }) => {
    const fault = mode === null ? null : modeFault(mode);
    return [
      ...(fault === null ? [] : [fault]),
      ...(wantedIn(repo) || ppaOf(repo) !== null
        ? []
        : [`${repo} is no repository: a line that begins with deb or deb-src, or ppa:owner/name`]),
    ];
  },
  inspect: (params): Probe<AptRepositoryFacts> =>
    all<AptRepositoryFacts>({ found: sourceFacts(params.codename), key: ppaKey(params) }),
  diff,
  view: viewOf,
  apply: actionsOf,
  result: ({ repo, state }) => ({ repo, state }),
});

const wantedIn = (repo: string): boolean => {
  const { source, enabled } = sourceLine(repo);
  return enabled && source !== null && source.split(" ").length > 2;
};

function diff(params: AptRepositoryParams, { found, key }: AptRepositoryFacts): Plan<PlannedChange> {
  if (found.kind === "fault") return { kind: "blocked", reason: found.reason };
  if (key.kind === "fault") return { kind: "blocked", reason: key.reason };
  const { sources } = found;
  const ppa = ppaOf(params.repo);
  if (ppa !== null && sources.codename === "") {
    return { kind: "blocked", reason: "the node does not tell the name of its release: give codename" };
  }
  const source = ppa === null ? (sourceLine(params.repo).source ?? "") : ppaLine(ppa, sources.codename);
  const changed = changedFiles(params, sources, source);
  if (changed.length === 0) return { kind: "converged" };
  const path = `${sources.trusted}${fileNameOf(params.repo)}.asc`;
  return planOf([
    ...(key.kind === "key" ? [keyChange(path, key)] : []),
    ...changed.map((change) => fileChange(params, change)),
    ...(params.update_cache ? [refresh(params, changed)] : []),
  ]);
}

interface FileChange {
  readonly path: string;
  /** null: it is not there. */
  readonly before: string | null;
  /** null: it goes, since nothing is left in it. */
  readonly after: string | null;
}

/** A source that is commented out somewhere is switched on there rather than added. */
const changedFiles = (
  params: AptRepositoryParams,
  sources: Sources,
  source: string,
): readonly FileChange[] => {
  const edited = [...sources.files].map(([path, before]) => ({
    path,
    before,
    after: params.state === "absent" ? without(before, source) : withEnabled(before, source),
    state: sourceIn(before, source),
  }));
  if (params.state === "present" && edited.every(({ state }) => state === "absent")) {
    const path = ownFile(params, sources);
    const before = sources.files.get(path) ?? null;
    return [{ path, before, after: withAdded(before ?? "", source) }];
  }
  return edited
    .filter(({ before, after }) => before !== after)
    .map(({ path, before, after }) => ({ path, before, after: after.trim() === "" ? null : after }));
};

const ownFile = ({ repo, filename }: AptRepositoryParams, { parts, codename }: Sources): string => {
  const name = filename ?? fileNameOf(ppaOf(repo) === null ? repo : `${repo}_${codename}`);
  return name.startsWith("/") ? `${name}.list` : `${parts}${name}.list`;
};

const fileChange = ({ mode }: AptRepositoryParams, { path, before, after }: FileChange): PlannedChange => ({
  view: { field: path, before, after, ...(LOGIN.test(`${before}${after}`) ? { secret: true } : {}) },
  actions: after === null ? [{ kind: "remove", path }] : written(path, after, wantedMode(null, mode)),
});

const written = (path: string, text: string, mode: string | null): readonly Action[] => [
  {
    kind: "run",
    argv: ["mkdir", "-p", parentOf(path)],
    touches: [{ kind: "path", path: parentOf(path) }],
  },
  {
    kind: "write",
    path,
    content: Buffer.from(text),
    mode,
    owner: null,
    group: null,
    validate: null,
    backup: false,
  },
];

/** A URL with a password. */
const LOGIN = /:\/\/[^\s/@]*:[^\s/@]*@/;

const keyChange = (
  path: string,
  { fingerprint, armor }: PpaKey & { readonly kind: "key" },
): PlannedChange => ({
  view: { field: path, before: null, after: `key ${fingerprint}` },
  actions: written(path, armor, "0644"),
});

/** Lists that cannot be fetched take the change back: otherwise the next run would find all well and fetch nothing. */
const refresh = (params: AptRepositoryParams, changed: readonly FileChange[]): PlannedChange => ({
  view: { field: "package lists", before: null, after: "fetched", event: true },
  actions: [refreshLists(params, undoing(changed))],
});

/** The files as they were come on standard input, each under its number; a script may be shown, and passwords be in them. */
const undoing = (changed: readonly FileChange[]): RefreshFrame => ({
  before: [
    "u=$(mktemp -d) || exit 1",
    "trap 'rm -rf \"$u\"' EXIT; trap 'exit 129' HUP INT TERM PIPE",
    `awk -v u="$u" '/^@@ /{f = u "/" $2; next} {print > f}' || exit 1`,
  ],
  failed: changed.map(({ path, before }, index) =>
    before === null ? `rm -f ${quote(path)}` : `cat "$u/${index}" >${quote(path)}`,
  ),
  stdin: Buffer.from(
    changed
      .map(
        ({ before }, index) => `@@ ${index}\n${before ?? ""}${before?.endsWith("\n") === true ? "" : "\n"}`,
      )
      .join(""),
  ),
  touches: changed.map(({ path }): Touched => ({ kind: "path", path })),
});
