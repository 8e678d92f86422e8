import { dirname, resolve } from "node:path";
import type { Play, RoleInstance } from "../core/play.ts";
import { dict, type Value } from "../core/value.ts";
import type { HostState } from "./host-state.ts";
import { OMIT } from "./prepare.ts";
import type { RunContext } from "./run-context.ts";

/** The Ansible whose playbook language this is: roles ask for it to decide what they may use. */
const LANGUAGE = { full: "2.14.18", major: 2, minor: 14, revision: 18 } as const;

/** What the magic variables of a play are made of. */
export interface MagicParts {
  readonly play: Play;
  /** As it is shown: its own, or the pattern of its hosts. */
  readonly name: string;
  readonly all: readonly HostState[];
  readonly batch: readonly HostState[];
  readonly context: RunContext;
}

/** Ansible's magic variables for each host of a play; they cannot be set by users. */
export const magicVariables = (parts: MagicParts): ((host: string) => ReadonlyMap<string, Value>) => {
  const shared = sharedMagic(parts);
  const { inventory } = parts.context;
  const known = new Map<string, ReadonlyMap<string, Value>>();
  let standing = "";
  let groups = inventory.groups;
  return (host) => {
    const now = parts.all.map(({ status }) => status).join();
    if (now !== standing || inventory.groups !== groups) known.clear();
    standing = now;
    groups = inventory.groups;
    const present = known.get(host);
    if (present !== undefined) return present;
    const own = new Map<string, Value>([
      ...shared,
      ["groups", new Map([...groups].map(([name, group]) => [name, group.hosts]))],
      ...hostsMagic(parts),
      ...hostMagic(host, parts),
    ]);
    known.set(host, own);
    return own;
  };
};

/** The hosts of the play; those that failed or ended are gone from all lists but one. */
const hostsMagic = ({ all, batch }: MagicParts): ReadonlyMap<string, Value> => {
  const names = (hosts: readonly HostState[]): readonly string[] =>
    hosts.filter((host) => host.status === "active").map((host) => host.name);
  return new Map<string, Value>([
    ["play_hosts", names(batch)],
    ["ansible_play_batch", names(batch)],
    ["ansible_play_hosts", names(all)],
    ["ansible_play_hosts_all", all.map((host) => host.name)],
  ]);
};

/** What the tasks of a role know of it. */
export const roleMagic = (role: RoleInstance | null): ReadonlyMap<string, Value> => {
  if (role === null) return new Map();
  const parents = parentsOf(role);
  const collection = /\/ansible_collections\/([^/]+\/[^/]+)\/roles\//.exec(role.path)?.[1];
  return new Map<string, Value>([
    ["role_name", role.name.replace(/^.*\./, "")],
    ["role_path", role.path],
    ["role_uuid", role.identity],
    ["ansible_role_name", role.name],
    ...(collection === undefined ? [] : [["ansible_collection_name", collection.replace("/", ".")] as const]),
    ...(parents.length === 0
      ? []
      : ([
          ["ansible_parent_role_names", parents.map(({ name }) => name)],
          ["ansible_parent_role_paths", parents.map(({ path }) => path)],
        ] as const)),
  ]);
};

const parentsOf = ({ parent }: RoleInstance): readonly RoleInstance[] =>
  parent === null ? [] : [parent, ...parentsOf(parent)];

const hostMagic = (host: string, { context }: MagicParts): ReadonlyMap<string, Value> => {
  if (host === "") return new Map();
  return new Map<string, Value>([
    ["inventory_hostname", host],
    ["inventory_hostname_short", host.split(".")[0] ?? host],
    ["group_names", context.inventory.hosts.get(host)?.groups ?? []],
  ]);
};

const sharedMagic = ({ play, name, context }: MagicParts): ReadonlyMap<string, Value> => {
  const { settings, inventory } = context;
  const roles = [...new Set(play.roles.map(({ name }) => name))];
  return new Map<string, Value>([
    ["playbook_dir", resolve(context.cwd, dirname(play.at.source.path))],
    ["inventory_dir", inventory.directory],
    ["inventory_file", inventory.file],
    ["ansible_inventory_sources", inventory.file === null ? [] : [inventory.file]],
    ["ansible_play_name", name],
    ["ansible_play_role_names", roles],
    ["ansible_role_names", roles],
    ["role_names", roles],
    ["ansible_check_mode", settings.mode === "check"],
    ["ansible_diff_mode", settings.diff],
    ["ansible_verbosity", settings.verbosity],
    ["ansible_forks", settings.forks],
    ["ansible_run_tags", settings.tags.length === 0 ? ["all"] : settings.tags],
    ["ansible_skip_tags", settings.skipTags],
    ...(settings.limit === null ? [] : [["ansible_limit", settings.limit] as const]),
    ["ansible_config_file", settings.configFile],
    ["ansible_version", dict({ ...LANGUAGE, string: LANGUAGE.full })],
    ["omit", OMIT],
  ]);
};
