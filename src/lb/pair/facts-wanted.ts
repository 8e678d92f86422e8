import { type NamedFile, namedFiles } from "../haproxy/named-files.ts";
import type { PairNode } from "./pair.ts";

/** What to look for on a node, as its configurations say. */
export interface FactsWanted {
  /** Paths of which mode, owner and digest are asked. */
  readonly files: readonly string[];
  /** Files and directories with certificates of bind and server lines. */
  readonly bundles: readonly string[];
  readonly crtLists: readonly string[];
  /** What crt-base puts before relative paths in a crt-list, with its slash. */
  readonly crtBase: string;
  readonly users: readonly string[];
  readonly groups: readonly string[];
  /** Addresses and ports of servers that are reached by TCP from the node's own address. */
  readonly servers: readonly { readonly address: string; readonly port: number }[];
  /** Interfaces on which VRRP is spoken. */
  readonly interfaces: readonly string[];
  readonly virtualAddresses: readonly { readonly address: string; readonly dev: string }[];
}

/** Nothing is asked of more than this many files, certificates or servers: a look stays short. */
const MOST = 200;

/** What a node's configurations make it worth to look at. */
export const factsWanted = ({
  haproxy,
  keepalived,
}: Pick<PairNode, "haproxy" | "keepalived">): FactsWanted => {
  const named = haproxy === null ? [] : namedFiles(haproxy);
  const ofKind = (...kinds: readonly NamedFile["kind"][]): readonly string[] =>
    some(named.filter(({ kind }) => kinds.includes(kind)).map(({ path }) => path)).filter((path) =>
      path.startsWith("/"),
    );
  const globals = new Map(haproxy?.global.map(({ keyword, args }) => [keyword, args[0]?.text ?? ""]));
  const chroot = globals.get("chroot")?.replace(/\/$/, "") ?? "";
  const scripts = keepalived === null ? [] : scriptsOf(keepalived);
  const users = keepalived === null ? [] : usersOf(keepalived);
  return {
    files: some([
      ...configPaths(haproxy?.sources ?? []),
      ...configPaths(keepalived?.sources ?? []),
      ...ofKind("certificate", "client-certificate", "crt-list", "ca", "map", "lua", "errorfile", "secret"),
      ...(chroot === "" ? [] : [chroot, `${chroot}/dev/log`]),
      ...scripts.flatMap(withParents),
      ...(keepalived === null ? [] : [...BESIDE_KEEPALIVED, ...includesOf(keepalived)]),
    ]),
    bundles: ofKind("certificate", "client-certificate"),
    crtLists: ofKind("crt-list"),
    crtBase: `${globals.get("crt-base")?.replace(/\/$/, "") ?? ""}/`,
    users: some([...users, globals.get("user") ?? "", "haproxy", "keepalived_script"]),
    groups: some([globals.get("group") ?? "", "haproxy"]),
    servers: serversOf(haproxy),
    interfaces: some(keepalived?.instances.flatMap(({ interface: word }) => word?.text ?? []) ?? []),
    virtualAddresses:
      keepalived?.instances.flatMap((instance) =>
        instance.virtualAddresses.map(({ address, dev }) => ({
          address,
          dev: dev ?? instance.interface?.text ?? "",
        })),
      ) ?? [],
  };
};

const some = (texts: readonly string[]): readonly string[] =>
  [...new Set(texts)].filter((text) => text !== "" && !/[\n$]/.test(text)).slice(0, MOST);

/** The paths on the node: a source that was read there may be shown as `lb1:/etc/haproxy/haproxy.cfg`. */
const configPaths = (sources: readonly { readonly path: string }[]): readonly string[] =>
  sources.flatMap(({ path }) => /^(?:[^/:]+:)?(\/.*)$/.exec(path)?.[1] ?? []);

const SCRIPT_WORDS =
  /^(script|notify|notify_master|notify_backup|notify_fault|notify_stop|notify_deleted|startup_script|shutdown_script)$/;

type Keepalived = NonNullable<PairNode["keepalived"]>;

const blocksOf = ({ globals, trackers, instances, syncGroups }: Keepalived) => [
  ...globals,
  ...[...trackers, ...instances, ...syncGroups].flatMap(({ statements }) => statements),
];

/** What keepalived does not read although it looks like it, and what Debian's package does not start without. */
const BESIDE_KEEPALIVED = ["/etc/keepalived/keepalived.cfg", "/etc/keepalived/keepalived.config-opts"];

/** The files that a keepalived.conf takes in by their full name; patterns are left out. */
const includesOf = ({ statements }: Keepalived): readonly string[] =>
  statements.flatMap(({ words: [keyword, path] }) =>
    /^include[rmwba]?$/.test(keyword?.text ?? "") && /^\/[^*?[{]*$/.test(path?.text ?? "")
      ? (path?.text ?? [])
      : [],
  );

/** The programs of keepalived's scripts: the first word of each command that is a whole path. */
const scriptsOf = (config: Keepalived): readonly string[] =>
  blocksOf(config).flatMap(({ words: [keyword, command] }) => {
    const program = SCRIPT_WORDS.test(keyword?.text ?? "") ? command?.text.trim().split(/\s+/)[0] : undefined;
    return program?.startsWith("/") === true ? [program] : [];
  });

const usersOf = (config: Keepalived): readonly string[] =>
  blocksOf(config).flatMap(({ words: [keyword, name] }) =>
    /^(script_user|user)$/.test(keyword?.text ?? "") ? (name?.text ?? []) : [],
  );

/** A path and the directories above it, as script security judges them all. */
const withParents = (path: string): readonly string[] =>
  path.split("/").map((_, index, parts) => parts.slice(0, parts.length - index).join("/") || "/");

/** Servers by name are left out: what their name means is not known here. */
const serversOf = (haproxy: PairNode["haproxy"]): FactsWanted["servers"] => {
  const all = (haproxy?.proxies ?? []).flatMap(({ servers }) =>
    servers.flatMap(({ address, port, options }) => {
      const plain = /^\d+(\.\d+){3}$/.test(address) || /^[0-9a-f:]*:[0-9a-f:.]*$/i.test(address);
      const own = ["source", "interface", "namespace", "socks4", "disabled"].some((name) =>
        options.has(name),
      );
      const local = /^(127\.|::1$|0\.0\.0\.0$|::$)/.test(address);
      return plain && !own && !local && port !== null && port > 0 ? [{ address, port }] : [];
    }),
  );
  const places = new Map(all.map((server) => [`${server.address}:${server.port}`, server]));
  return [...places.values()].slice(0, MOST);
};
