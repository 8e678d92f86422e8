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

/** The hosts of `--limit`; null where there is no limit. */
export const allowedBy = (
  inventory: Inventory,
  limit: string | null,
  cwd: string,
): ReadonlySet<string> | null => {
  if (limit === null) return null;
  const allowed = new Set(matchHosts(limit, inventory, { cwd, strict: true }));
  if (allowed.size > 0) return allowed;
  throw new LbplayError({ code: "E_NO_HOSTS", message: `--limit ${limit} leaves no host` });
};

/** The hosts of a play's pattern that `--limit` leaves, of the inventory as it is by then. */
export const limitTo = (
  inventory: Inventory,
  limit: string | null,
  cwd: string,
): ((pattern: string, strict?: boolean) => readonly string[]) => {
  if (limit === null) return (pattern, strict = true) => matchHosts(pattern, inventory, { cwd, strict });
  return (pattern, strict = true) => {
    const allowed = new Set(matchHosts(limit, inventory, { cwd, strict: false }));
    return matchHosts(pattern, inventory, { cwd, strict }).filter((host) => allowed.has(host));
  };
};
