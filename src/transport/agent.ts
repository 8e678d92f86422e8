import { readFile, stat } from "node:fs/promises";
import ssh2, { type BaseAgent, type ParsedKey } from "ssh2";

/**
 * The agent behind a socket, or null where nothing listens there. With files (IdentitiesOnly), only those of its keys
 * whose public halves lie beside one of them are offered.
 */
export const openAgent = async (
  socket: string,
  onlyFiles: readonly string[] | null,
): Promise<BaseAgent | null> => {
  const stats = await stat(socket).catch(() => null);
  if (stats === null || !stats.isSocket()) return null;
  const agent = ssh2.createAgent(socket);
  if (onlyFiles === null) return agent;
  const allowed = (await Promise.all(onlyFiles.map(readPublicKey))).filter((key) => key !== null);
  const listAll = agent.getIdentities.bind(agent);
  agent.getIdentities = (callback) =>
    listAll((error, keys) => {
      if (keys === undefined) callback(error);
      else callback(error, keys.filter(isOneOf(allowed)));
    });
  return agent;
};

/** The agent's client always gives parsed keys; its type allows more. */
const isOneOf =
  (allowed: readonly Buffer[]) =>
  (key: unknown): boolean => {
    if (typeof key !== "object" || key === null || !("getPublicSSH" in key)) return false;
    const bytes = (key as ParsedKey).getPublicSSH();
    return allowed.some((wanted) => wanted.equals(bytes));
  };

const readPublicKey = async (file: string): Promise<Buffer | null> => {
  const text = await readFile(`${file}.pub`, "utf8").catch(() => null);
  const encoded = text?.trim().split(/\s+/)[1];
  return encoded === undefined ? null : Buffer.from(encoded, "base64");
};
