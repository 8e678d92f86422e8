import { matchHosts } from "../config/pattern.ts";
import { LbplayError } from "../core/error.ts";
import type { Inventory } from "../core/play.ts";
import { ansibleSettings } from "./ansible-settings.ts";
import type { Io } from "./io.ts";

/** The inventories that are given, or those of ANSIBLE_INVENTORY or ansible.cfg. Throws E_NO_INVENTORY. */
export const inventorySources = (given: readonly string[], io: Io): readonly string[] => {
  if (given.length > 0) return given;
  const set = ansibleSettings(io).list("inventory") ?? [];
  if (set.length > 0) return set;
  throw new LbplayError({
    code: "E_NO_INVENTORY",
    message: "no inventory is given",
    hint: "name one with -i: a file, a directory, or hosts as in `-i lb1,lb2,`",
  });
};

/** The hosts of `--limit` and `--shard`; null where there is neither. `outside`: the hosts of other shards. */
export const allowedBy = (
  inventory: Inventory,
  limit: string | null,
  cwd: string,
  outside: ReadonlySet<string> = NONE,
): ReadonlySet<string> | null => {
  if (limit === null && outside.size === 0) return null;
  const hosts =
    limit === null ? [...inventory.hosts.keys()] : matchHosts(limit, inventory, { cwd, strict: true });
  // A shard of which the limit leaves no host has nothing to do, and that is no mistake.
  if (hosts.length > 0) return new Set(hosts.filter((host) => !outside.has(host)));
  throw new LbplayError({ code: "E_NO_HOSTS", message: `--limit ${limit} leaves no host` });
};

const NONE: ReadonlySet<string> = new Set();

/** The hosts of a play's pattern that `--limit` and `--shard` leave, of the inventory as it is by then. */
export const limitTo = (
  inventory: Inventory,
  limit: string | null,
  cwd: string,
  outside: ReadonlySet<string> = NONE,
): ((pattern: string, strict?: boolean) => readonly string[]) => {
  const within = (pattern: string, strict: boolean): readonly string[] =>
    matchHosts(pattern, inventory, { cwd, strict }).filter((host) => !outside.has(host));
  if (limit === null) return (pattern, strict = true) => within(pattern, strict);
  return (pattern, strict = true) => {
    const allowed = new Set(matchHosts(limit, inventory, { cwd, strict: false }));
    return within(pattern, strict).filter((host) => allowed.has(host));
  };
};
