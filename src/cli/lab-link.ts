import { readlink, rm, stat, symlink } from "node:fs/promises";
import { join } from "node:path";

/** Who made the nodes: each has a directory of that name in inventory/. */
export type NodeMaker = "lab" | "vagrant";

/** The place of the nodes in an inventory directory of their own, beside the group_vars of a site for them. */
const linkIn = (cwd: string, maker: NodeMaker): string => join(cwd, "inventory", maker, "hosts.yaml");

/** Links an inventory into inventory/lab or its like in the working directory, where there is one; says whether it did. */
export const linkInventory = async (
  cwd: string,
  maker: NodeMaker,
  inventoryFile: string,
): Promise<boolean> => {
  const link = linkIn(cwd, maker);
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
  const link = linkIn(cwd, "lab");
  const present = await readlink(link).catch(() => null);
  if (present === inventoryFile) await rm(link);
};
