import { readlink, rm, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { ProviderName } from "../lab/provider.ts";

/** The directory of each maker's nodes below inventory/. */
const DIRECTORIES: Readonly<Record<ProviderName, string>> = { embedded: "lab", vagrant: "vagrant" };

/** The place of the nodes in an inventory directory of their own, beside the group_vars of a site for them. */
const linkIn = (cwd: string, maker: ProviderName): string =>
  join(cwd, "inventory", DIRECTORIES[maker], "hosts.yaml");

/**
 * Links an inventory into inventory/lab or its like in the working directory, and says which; null where there is no
 * such directory, or has hosts of the user's own.
 */
export const linkInventory = async (
  cwd: string,
  maker: ProviderName,
  inventoryFile: string,
): Promise<string | null> => {
  const link = linkIn(cwd, maker);
  const hasDirectory = await stat(join(link, "..")).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!hasDirectory) return null;
  const present = await readlink(link).catch((error: NodeJS.ErrnoException) => {
    // A file there is the user's own.
    if (error.code === "EINVAL") return null;
    return "";
  });
  if (present === null) return null;
  await rm(link, { force: true });
  await symlink(inventoryFile, link);
  return `inventory/${DIRECTORIES[maker]}`;
};

/** Removes the link to a lab that is gone; one to another lab stays. */
export const unlinkInventory = async (
  cwd: string,
  maker: ProviderName,
  inventoryFile: string,
): Promise<void> => {
  const link = linkIn(cwd, maker);
  const present = await readlink(link).catch(() => null);
  if (present === inventoryFile) await rm(link);
};
