import type { Line } from "../document.ts";
import type { Version } from "../version.ts";
import type { Cache, Health, Peers, Resolvers, Stats, User, Userlist } from "./model.ts";
import { placeText } from "./place.ts";
import { escapeWord } from "./quoting.ts";
import { section, type Writer, writer } from "./writer.ts";

/** The listener that tells whether haproxy works. */
export const healthLines = ({ address, port, uri }: Health): readonly Line[] => {
  const out = writer(["health"]);
  out.line("", "mode http");
  out.line("port", `bind ${address}:${port}`);
  out.line("uri", `monitor-uri ${uri}`);
  out.line("", "option dontlog-normal");
  return section("frontend lbplay-health", ["health"], out.lines());
};

/** The statistics page, and the list of its users where a password is hashed. */
export const statsLines = (stats: Stats): readonly Line[] => {
  const out = writer(["stats"]);
  const tls = stats.certificate === null ? "" : ` ssl crt ${stats.certificate}`;
  out.line("", "mode http");
  out.line("address", `bind ${stats.address}:${stats.port}${tls}`);
  out.line("", "option dontlog-normal");
  if (stats.prometheus !== null) {
    const path = `{ path ${stats.prometheus} }`;
    if (stats.users.length > 0) out.line("prometheus", `http-request auth if ${path} !{ ${ALLOWED} }`);
    out.line("prometheus", `http-request use-service prometheus-exporter if ${path}`);
  }
  out.line("", "stats enable");
  out.line("uri", `stats uri ${stats.uri}`);
  out.setting("refresh", "stats refresh", stats.refresh);
  out.line("", "stats show-node");
  out.line("", "stats hide-version");
  accessLines(out, stats);
  out.each("raw", stats.raw, (line) => line);
  const page = section("listen lbplay-stats", ["stats"], out.lines());
  return needsList(stats) ? [...statsUserlist(stats), ...page] : page;
};

const accessLines = (out: Writer, stats: Stats): void => {
  const realm = stats.realm === null ? "" : ` realm ${escapeWord(stats.realm)}`;
  if (needsList(stats)) out.line("users", `stats http-request auth${realm} unless { ${ALLOWED} }`);
  else {
    if (realm !== "") out.line("realm", `stats${realm}`);
    out.each(
      "users",
      stats.users,
      ({ name, password }) => `stats auth ${name}:${escapeWord(password ?? "")}`,
    );
  }
  if (stats.admin) out.line("admin", `stats admin if ${needsList(stats) ? `{ ${ALLOWED} }` : "TRUE"}`);
};

const STATS_USERS = "lbplay-stats-users";

const ALLOWED = `http_auth(${STATS_USERS})`;

/** `stats auth` has clear text only, and guards the page alone. */
const needsList = ({ users, prometheus }: Stats): boolean =>
  users.some(({ password_hash }) => password_hash !== null) || (users.length > 0 && prometheus !== null);

const statsUserlist = ({ users }: Stats): readonly Line[] => {
  const out = writer(["stats"]);
  out.each("users", users, userText);
  return section(`userlist ${STATS_USERS}`, ["stats", "users"], out.lines());
};

const userText = ({ name, password, password_hash }: User): string =>
  password_hash === null
    ? `user ${name} insecure-password ${escapeWord(password ?? "")}`
    : `user ${name} password ${escapeWord(password_hash)}`;

/** A list of users. */
export const userlistLines = (list: Userlist, index: number): readonly Line[] => {
  const path = ["userlists", index];
  const out = writer(path);
  const groups = [...new Set(list.users.flatMap((user) => user.groups))];
  for (const group of groups) out.line("users", `group ${group}`);
  out.each("users", list.users, (user) =>
    [userText(user), ...(user.groups.length === 0 ? [] : [`groups ${user.groups.join(",")}`])].join(" "),
  );
  return section(`userlist ${list.name}`, path, out.lines());
};

/** A cache. */
export const cacheLines = (cache: Cache, index: number): readonly Line[] => {
  const path = ["caches", index];
  const out = writer(path);
  out.setting("total_max_size", "total-max-size", cache.total_max_size);
  out.setting("max_age", "max-age", cache.max_age);
  out.setting("max_object_size", "max-object-size", cache.max_object_size);
  return section(`cache ${cache.name}`, path, out.lines());
};

/** Name servers. */
export const resolversLines = (resolvers: Resolvers, index: number, version: Version): readonly Line[] => {
  const path = ["resolvers", index];
  const out = writer(path);
  if (resolvers.system) out.line("system", "parse-resolv-conf");
  out.each(
    "nameservers",
    resolvers.nameservers,
    ({ name, address, port }) => `nameserver ${name} ${placeText(address, port, version)}`,
  );
  out.setting("hold_valid", "hold valid", resolvers.hold_valid);
  return section(`resolvers ${resolvers.name}`, path, out.lines());
};

/** The nodes that exchange stick tables. */
export const peersLines = ({ name, port, nodes }: Peers, version: Version): readonly Line[] => {
  const out = writer(["peers"]);
  out.each("nodes", nodes, (node) => `peer ${node.name} ${placeText(node.address, port, version)}`);
  return section(`peers ${name}`, ["peers"], out.lines());
};
