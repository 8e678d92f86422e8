import { suggest } from "../../core/suggest.ts";
import type { Fault } from "../fault.ts";
import type { HaproxyModel, User } from "./model.ts";
import type { Section } from "./proxy-model.ts";

type Path = Fault["path"];

const fault = (code: string, path: Path, message: string): Fault => ({ code, path, message });

/** What cannot be meant in the statistics page, the users and the process's limits. */
export const serviceRules = (model: HaproxyModel): readonly Fault[] => [
  ...statsRules(model),
  ...model.userlists.flatMap((list, at) =>
    list.users.flatMap((user, index) => userRules(user, ["userlists", at, "users", index])),
  ),
  ...limitRules(model),
  ...tableRules(model),
];

const LOOPBACK = /^(127\.|::1$|localhost$)/;

const statsRules = ({ stats }: HaproxyModel): readonly Fault[] => {
  if (stats === null) return [];
  const open = !LOOPBACK.test(stats.address);
  return [
    ...(open && stats.users.length === 0
      ? [fault("E_LB_STATS", ["stats", "users"], `the page on ${stats.address} needs at least one user`)]
      : []),
    ...(stats.admin && stats.users.length === 0
      ? [
          fault(
            "E_LB_STATS",
            ["stats", "admin"],
            "needs at least one user: whoever comes in may stop servers",
          ),
        ]
      : []),
    ...stats.users.flatMap((user, index) => userRules(user, ["stats", "users", index])),
  ];
};

const userRules = ({ name, password, password_hash }: User, path: Path): readonly Fault[] => {
  if ((password === null) === (password_hash === null))
    return [fault("E_LB_PASSWORD", path, "needs one of password and password_hash")];
  if (password === null) return [];
  return name === password || PUBLIC_PASSWORDS.has(password.toLowerCase())
    ? [fault("E_LB_PASSWORD", [...path, "password"], "is one that everybody knows")]
    : [];
};

const PUBLIC_PASSWORDS = new Set([
  "passw0rd",
  "password",
  "somepassword",
  "administrator",
  "adminadmin",
  "changeme",
  "12345678",
  "password1",
]);

/** Each connection is two files, one to each side; listeners, checks and pipes come on top. */
const limitRules = ({ global, defaults, frontends, listens }: HaproxyModel): readonly Fault[] => {
  const { maxconn, ulimit_n } = global;
  if (maxconn === null) return [];
  const needed = 2 * maxconn + 18;
  const above = (own: number | null, path: Path): readonly Fault[] =>
    own !== null && own > maxconn
      ? [fault("E_LB_MAXCONN", path, `is more than the ${maxconn} of the whole process (global.maxconn)`)]
      : [];
  return [
    ...(ulimit_n !== null && ulimit_n < needed
      ? [
          fault(
            "E_LB_MAXCONN",
            ["global", "ulimit_n"],
            `maxconn ${maxconn} needs at least ${needed} files; leave it out and haproxy takes what it needs`,
          ),
        ]
      : []),
    ...above(defaults.maxconn, ["defaults", "maxconn"]),
    ...frontends.flatMap((proxy, index) => above(proxy.maxconn, ["frontends", index, "maxconn"])),
    ...listens.flatMap((proxy, index) => above(proxy.maxconn, ["listens", index, "maxconn"])),
  ];
};

/** Entries of a table that names peers which are not there would stay on their node. */
const tableRules = (model: HaproxyModel): readonly Fault[] =>
  (["frontends", "backends", "listens"] as const).flatMap((kind) =>
    model[kind].flatMap(({ stick_table }, index) => {
      const peers = stick_table === null || typeof stick_table === "string" ? null : stick_table.peers;
      const raw = model.raw.some((line) => /^peers\s/.test(line));
      return peers === null || peers === model.peers?.name || raw
        ? []
        : [fault("E_LB_REFERENCE", [kind, index, "stick_table", "peers"], `there are no peers "${peers}"`)];
    }),
  );

/** What a proxy names outside itself. */
export const referenceFaults = (proxy: Section, model: HaproxyModel, path: Path): readonly Fault[] => [
  ...(proxy.cache === null ? [] : named("cache", proxy.cache, model.caches, model, [...path, "cache"])),
  ...(proxy.auth === null
    ? []
    : named("userlist", proxy.auth.userlist, model.userlists, model, [...path, "auth", "userlist"])),
];

const named = (
  kind: "cache" | "userlist",
  name: string,
  items: readonly { readonly name: string }[],
  model: HaproxyModel,
  path: Path,
): readonly Fault[] => {
  const names = items.map((item) => item.name);
  if (names.includes(name) || model.raw.some((line) => line.trim() === `${kind} ${name}`)) return [];
  const near = suggest(name, names);
  const hint = near === null ? "" : ` (did you mean "${near}"?)`;
  return [fault("E_LB_REFERENCE", path, `there is no ${kind} "${name}"${hint}`)];
};
