import { access, mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { must } from "./command.ts";
import { type LabPaths, type LabRecord, writeWhole } from "./state.ts";

/** A node's host key; the public one is beside it with `.pub`. */
export const hostKeyPath = (paths: LabPaths, node: string): string =>
  join(paths.node(node), "ssh_host_ed25519_key");

/** Makes the lab's own key and every node's host key where they are missing, and a known_hosts file from them. */
export const ensureKeys = async (paths: LabPaths, record: LabRecord): Promise<void> => {
  await ensureKey(paths.key, `lbplay-lab-${record.name}`);
  await Promise.all(record.nodes.map(({ name }) => ensureKey(hostKeyPath(paths, name), `root@${name}`)));
  const lines = await Promise.all(
    record.nodes.map(async ({ name, address }) => {
      const [type, key] = (await readFile(`${hostKeyPath(paths, name)}.pub`, "utf8")).split(" ");
      return `${address} ${type} ${key}\n`;
    }),
  );
  await writeWhole(paths.knownHosts, lines.join(""));
};

const ensureKey = async (path: string, comment: string): Promise<void> => {
  const present = await access(`${path}.pub`).then(
    () => true,
    () => false,
  );
  if (present) return;
  await mkdir(dirname(path), { recursive: true });
  // A private key without its public one is left from an interrupted start; ssh-keygen would ask about it.
  await must(["rm", "-f", path]);
  await must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path]);
};

/** Options of the system's ssh for a node: only this key and only these known hosts. */
export const sshOptions = ({ key, knownHosts }: Pick<LabPaths, "key" | "knownHosts">): readonly string[] => [
  "-F",
  "/dev/null",
  "-i",
  key,
  "-o",
  "IdentitiesOnly=yes",
  "-o",
  `UserKnownHostsFile=${knownHosts}`,
  "-o",
  "GlobalKnownHostsFile=/dev/null",
  "-o",
  "StrictHostKeyChecking=yes",
  "-o",
  "LogLevel=ERROR",
];
