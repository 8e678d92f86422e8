import { readlink, rm, stat, symlink } from "node:fs/promises";
import { join } from "node:path";

/** The place of a lab's hosts in an inventory directory of its own, beside the group_vars of a site for labs. */
const linkIn = (cwd: string): string => join(cwd, "inventory", "lab", "hosts.yaml");

/** Links a lab's inventory into inventory/lab of the working directory, where there is one; says whether it did. */
export const linkInventory = async (cwd: string, inventoryFile: string): Promise<boolean> => {
  const link = linkIn(cwd);
  const hasDirectory = await stat(join(link, "..")).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!hasDirectory) return false;
  const present = await readlink(link).catch((error: NodeJS.ErrnoException) => {
    // A file there is the user's own.
    if (error.code === "EINVAL") return null;
    return "";
  });
  if (present === null) return false;
  await rm(link, { force: true });
  await symlink(inventoryFile, link);
  return true;
};

/** Removes the link to a lab that is gone; one to another lab stays. */
export const unlinkInventory = async (cwd: string, inventoryFile: string): Promise<void> => {
  const link = linkIn(cwd);
  const present = await readlink(link).catch(() => null);
  if (present === inventoryFile) await rm(link);
};
