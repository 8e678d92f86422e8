import type { Action } from "../../core/action.ts";
import { quote } from "../../core/shell.ts";
import { type ChangeView, type Plan, planOf } from "../../core/task.ts";
import type { PlannedChange } from "../planned-change.ts";
import type { Account, Group, UserFacts } from "./facts.ts";
import type { UserParams } from "./schema.ts";

/** What has to be told to useradd, usermod, chpasswd, chage or userdel. */
export const planUser = (params: UserParams, facts: UserFacts): Plan<PlannedChange> => {
  if (facts.fault !== null) return { kind: "blocked", reason: facts.fault };
  if (params.state === "absent") return planOf(facts.user === null ? [] : [removal(params, facts.user)]);
  const missing = [params.group, ...(params.groups ?? [])].filter(
    (name) => name !== null && name !== "" && groupOf(name, facts) === null,
  );
  if (missing.length > 0) return { kind: "blocked", reason: `Group ${missing.join(", ")} does not exist` };
  if (facts.user === null) return planOf(creation(params, facts));
  const asksShadow = params.password !== null || params.password_lock !== null || params.expires !== null;
  if (asksShadow && facts.shadow === null && !facts.root)
    return { kind: "blocked", reason: "the shadow database can only be read by root: use become" };
  return planOf(modification(params, facts, facts.user));
};

/** A group by its name or number; null where there is none. */
const groupOf = (name: string, { groups }: UserFacts): Group | null =>
  groups.find((group) => group.name === name) ?? groups.find((group) => String(group.gid) === name) ?? null;

/** The user's name is the last word of each of these commands. */
const run = (...words: readonly string[]): Action => ({
  kind: "run",
  argv: words,
  touches: [{ kind: "lasting", what: `${words[0]} was run for the user ${words.at(-1)}` }],
});

const makeDirectory = (path: string): Action => ({
  kind: "run",
  argv: ["mkdir", "-p", path],
  touches: [{ kind: "path", path }],
});

const removal = ({ name, force, remove }: UserParams, user: Account): PlannedChange => ({
  view: { field: `user ${name}`, before: `uid ${user.uid}`, after: null },
  actions: [run("userdel", ...(force ? ["-f"] : []), ...(remove ? ["-r"] : []), name)],
});

const creation = (params: UserParams, facts: UserFacts): readonly PlannedChange[] => {
  const { name, home, create_home } = params;
  const parent = home === null ? null : home.replace(/\/+[^/]*\/*$/, "");
  const actions = [
    ...(create_home && parent !== null && parent !== "" ? [makeDirectory(parent)] : []),
    run("useradd", ...creationFlags(params, facts), name),
    ...(params.password === null ? [] : [setPassword(params, params.password)]),
    ...ageing(params, { minimumDays: null, maximumDays: null }).flatMap((change) => change.actions),
  ];
  return [
    {
      view: {
        field: `user ${name}`,
        before: null,
        after: params.uid === null ? "present" : `uid ${params.uid}`,
      },
      actions,
    },
  ];
};

/** Without -N useradd fails where a group of the user's name exists already. */
const creationFlags = (params: UserParams, facts: UserFacts): readonly string[] => [
  ...(params.uid === null ? [] : ["-u", String(params.uid), ...(params.non_unique ? ["-o"] : [])]),
  ...(params.group === null ? (groupOf(params.name, facts) === null ? [] : ["-N"]) : ["-g", params.group]),
  ...(supplementary(params).length === 0 ? [] : ["-G", supplementary(params).join(",")]),
  ...(params.comment === null ? [] : ["-c", params.comment]),
  ...(params.home === null ? [] : ["-d", params.home]),
  ...(params.shell === null ? [] : ["-s", params.shell]),
  ...(params.expires === null ? [] : ["-e", dateOf(params.expires)]),
  ...(params.create_home
    ? [
        "-m",
        ...(params.skeleton === null ? [] : ["-k", params.skeleton]),
        ...(params.umask === null ? [] : ["-K", `UMASK=${params.umask}`]),
      ]
    : ["-M"]),
  ...(params.system ? ["-r"] : []),
];

const supplementary = ({ groups }: UserParams): readonly string[] =>
  (groups ?? []).map((name) => name.trim()).filter((name) => name !== "");

const dateOf = (expires: number): string =>
  expires < 0 ? "" : new Date(expires * 1000).toISOString().slice(0, 10);

/** The hash goes in by standard input: a command line can be seen by every user of the node. */
const setPassword = ({ name, password_lock }: UserParams, password: string): Action => ({
  kind: "run",
  argv: ["chpasswd", "-e"],
  stdin: Buffer.from(
    `${name}:${password_lock === true && !password.startsWith("!") ? "!" : ""}${password}\n`,
  ),
  touches: [{ kind: "lasting", what: `the password of the user ${name} was set` }],
});

/** One difference, and what usermod is told of it. */
interface Difference {
  readonly view: ChangeView;
  readonly flags: readonly string[];
}

const modification = (params: UserParams, facts: UserFacts, user: Account): readonly PlannedChange[] => {
  const differences = [
    ...plainDifferences(params, user),
    ...groupDifferences(params, facts, user),
    ...lockDifferences(params, facts),
  ];
  const command = run("usermod", ...differences.flatMap(({ flags }) => flags), params.name);
  return [
    ...differences.map(({ view }, index) => ({ view, actions: index === 0 ? [command] : [] })),
    ...passwordChange(params, facts),
    ...ageing(params, {
      minimumDays: facts.shadow?.minimumDays ?? null,
      maximumDays: facts.shadow?.maximumDays ?? null,
    }),
    ...homeChange(params, facts, user),
  ];
};

const plainDifferences = (params: UserParams, user: Account): readonly Difference[] => {
  const { uid, non_unique, comment, home, move_home, shell } = params;
  return [
    ...(uid === null || uid === user.uid
      ? []
      : [
          difference("uid", String(user.uid), String(uid), [
            "-u",
            String(uid),
            ...(non_unique ? ["-o"] : []),
          ]),
        ]),
    ...(comment === null || comment === user.comment
      ? []
      : [difference("comment", user.comment, comment, ["-c", comment])]),
    ...(home === null || home === user.home
      ? []
      : [difference("home", user.home, home, ["-d", home, ...(move_home ? ["-m"] : [])])]),
    ...(shell === null || shell === user.shell
      ? []
      : [difference("shell", user.shell, shell, ["-s", shell])]),
  ];
};

const difference = (field: string, before: string, after: string, flags: readonly string[]): Difference => ({
  view: { field, before, after },
  flags,
});

const groupDifferences = (params: UserParams, facts: UserFacts, user: Account): readonly Difference[] => {
  const primary = params.group === null ? null : groupOf(params.group, facts);
  const primaryName = facts.groups.find(({ gid }) => gid === user.gid)?.name ?? String(user.gid);
  const primaryGid = primary?.gid ?? user.gid;
  const moved =
    primary === null || primary.gid === user.gid
      ? []
      : [difference("group", primaryName, primary.name, ["-g", String(primary.gid)])];
  if (params.groups === null) return moved;
  const wanted = supplementary(params)
    .flatMap((name) => groupOf(name, facts) ?? [])
    .filter(({ gid }) => gid !== primaryGid)
    .map(({ name }) => name);
  const current = facts.groups
    .filter(({ members, gid }) => members.includes(params.name) && gid !== primaryGid)
    .map(({ name }) => name);
  const lacking = wanted.filter((name) => !current.includes(name));
  const surplus = params.append ? [] : current.filter((name) => !wanted.includes(name));
  if (lacking.length === 0 && surplus.length === 0) return moved;
  const after = params.append ? [...current, ...lacking] : wanted;
  const flags = params.append ? ["-a", "-G", lacking.join(",")] : ["-G", wanted.join(",")];
  return [...moved, difference("groups", [...current].sort().join(","), [...after].sort().join(","), flags)];
};

/** A password that is set anew carries its lock with it; an account without any password has nothing to unlock. */
const lockDifferences = (params: UserParams, { shadow }: UserFacts): readonly Difference[] => {
  const { expires, password_lock } = params;
  const hash = shadow?.hash ?? "";
  const locked = hash.startsWith("!");
  const empty = /^[!*x]*$/.test(hash);
  const day = expires === null ? null : expires < 0 ? -1 : Math.floor(expires / 86_400);
  const now = shadow?.expiryDay ?? -1;
  const dayText = (value: number): string =>
    value < 0 ? "never" : new Date(value * 86_400_000).toISOString().slice(0, 10);
  const setsPassword = passwordDiffers(params, hash);
  return [
    ...(day === null || day === now || expires === null
      ? []
      : [difference("expires", dayText(now), dayText(day), ["-e", dateOf(expires)])]),
    ...(setsPassword || password_lock === null || password_lock === locked || (!password_lock && empty)
      ? []
      : [
          difference("password", locked ? "locked" : "unlocked", locked ? "unlocked" : "locked", [
            password_lock ? "-L" : "-U",
          ]),
        ]),
  ];
};

const passwordDiffers = ({ password, update_password }: UserParams, hash: string): boolean =>
  password !== null &&
  update_password === "always" &&
  hash.replace(/^!+/, "") !== password.replace(/^!+/, "");

const passwordChange = (params: UserParams, { shadow }: UserFacts): readonly PlannedChange[] => {
  const { password } = params;
  const hash = shadow?.hash ?? "";
  if (password === null || !passwordDiffers(params, hash)) return [];
  return [
    {
      view: { field: "password", before: hash, after: password, secret: true },
      actions: [setPassword(params, password)],
    },
  ];
};

const ageing = (
  params: UserParams,
  now: { readonly minimumDays: number | null; readonly maximumDays: number | null },
): readonly PlannedChange[] => {
  const { name, password_expire_min: min, password_expire_max: max } = params;
  const text = (days: number | null): string | null => (days === null ? null : `${days} days`);
  return [
    ...(min === null || min === now.minimumDays
      ? []
      : [
          {
            view: { field: "password may change after", before: text(now.minimumDays), after: text(min) },
            actions: [run("chage", "-m", String(min), name)],
          },
        ]),
    ...(max === null || max === now.maximumDays
      ? []
      : [
          {
            view: { field: "password must change after", before: text(now.maximumDays), after: text(max) },
            actions: [run("chage", "-M", String(max), name)],
          },
        ]),
  ];
};

const homeChange = (params: UserParams, facts: UserFacts, user: Account): readonly PlannedChange[] => {
  const home = params.home ?? user.home;
  const moves = params.move_home && params.home !== null && params.home !== user.home;
  if (!params.create_home || facts.home || moves || home === "") return [];
  const skeleton = params.skeleton ?? "/etc/skel";
  const mode =
    params.umask === null
      ? `m=$(awk '$1 == "HOME_MODE" { print $2 }' /etc/login.defs 2>/dev/null); chmod "\${m:-0755}" "$h"`
      : `chmod ${(0o777 & ~Number.parseInt(params.umask, 8)).toString(8).padStart(4, "0")} "$h"`;
  return [
    {
      view: { field: "home directory", before: null, after: home },
      actions: [
        {
          kind: "script",
          script: [
            `h=${quote(home)}; s=${quote(skeleton)}`,
            'mkdir -p "$h" || exit',
            'if [ -d "$s" ]; then cp -R "$s/." "$h/" || exit; fi',
            `chown -R "$(id -u ${quote(params.name)}):$(id -g ${quote(params.name)})" "$h" || exit`,
            mode,
          ].join("\n"),
          touches: [{ kind: "lasting", what: `the home directory of the user ${params.name} was made` }],
        },
      ],
    },
  ];
};
