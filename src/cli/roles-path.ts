import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Io } from "./io.ts";

/** Where roles are searched after the playbook's own: ANSIBLE_ROLES_PATH, then lbplay's. */
export const rolesPath = (io: Io): readonly string[] => [
  ...userRoles(io),
  packageRoles(fileURLToPath(import.meta.url)),
];

/** The roles of lbplay itself, found after the user's own: beside its package.json, built or not. */
const packageRoles = (from: string): string => {
  const directory = dirname(from);
  if (existsSync(join(directory, "package.json"))) return join(directory, "roles");
  return directory === from ? from : packageRoles(directory);
};

const userRoles = (io: Io): readonly string[] =>
  (io.env.ANSIBLE_ROLES_PATH ?? "").split(":").filter((path) => path !== "");
