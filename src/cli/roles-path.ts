import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ansibleSettings } from "./ansible-settings.ts";
import type { Io } from "./io.ts";

/** Where roles are searched after the playbook's own: roles_path, or where ansible-galaxy puts them; then lbplay's. */
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
  ansibleSettings(io).list("rolesPath") ?? [
    ...ofUser(io, "roles"),
    "/usr/share/ansible/roles",
    "/etc/ansible/roles",
  ];

/** Where collections are searched after the playbook's own: collections_path, or where ansible-galaxy puts them. */
export const collectionsPath = (io: Io): readonly string[] =>
  ansibleSettings(io).list("collectionsPath") ?? [
    ...ofUser(io, "collections"),
    "/usr/share/ansible/collections",
  ];

const ofUser = ({ env }: Io, what: string): readonly string[] =>
  env.HOME === undefined || env.HOME === "" ? [] : [join(env.HOME, ".ansible", what)];
