import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { NodeSpec } from "./names.ts";

/** A node as recorded: what was asked for, and what follows from the lab's subnet and the images. */
export interface NodeRecord extends NodeSpec {
  readonly address: string;
  /** Directories of its read-only layers, the topmost first. */
  readonly layers: readonly string[];
}

/** A lab as recorded, before anything of it is made: `down` needs no more than this. */
export interface LabRecord {
  readonly name: string;
  readonly id: string;
  readonly packages: readonly string[];
  readonly nodes: readonly NodeRecord[];
}

/** Where the files of a lab are. */
export interface LabPaths {
  readonly directory: string;
  readonly record: string;
  readonly key: string;
  readonly knownHosts: string;
  readonly inventory: string;
  readonly proxySettings: string;
  readonly proxyPort: string;
  readonly proxyLog: string;
  /** A node's own directory: overlay, host key, console log. */
  readonly node: (name: string) => string;
}

const labsDirectory = (stateRoot: string): string => join(stateRoot, "labs");

/** The files of a lab. */
export const labPaths = (stateRoot: string, lab: string): LabPaths => {
  const directory = join(labsDirectory(stateRoot), lab);
  return {
    directory,
    record: join(directory, "lab.json"),
    key: join(directory, "id_ed25519"),
    knownHosts: join(directory, "known_hosts"),
    inventory: join(directory, "inventory.yaml"),
    proxySettings: join(directory, "apt-proxy.json"),
    proxyPort: join(directory, "apt-proxy.port"),
    proxyLog: join(directory, "apt-proxy.log"),
    node: (name) => join(directory, "nodes", name),
  };
};

/** Writes a file as a whole: who reads it sees the old text or the new one. */
export const writeWhole = async (path: string, text: string, mode = 0o644): Promise<void> => {
  await writeFile(`${path}.new`, text, { mode });
  await rename(`${path}.new`, path);
};

/** A lab's record, or null when there is no such lab. */
export const readRecord = async (stateRoot: string, lab: string): Promise<LabRecord | null> => {
  const text = await readFile(labPaths(stateRoot, lab).record, "utf8").catch(() => null);
  // Only writeRecord writes this file.
  return text === null ? null : (JSON.parse(text) as LabRecord);
};

/** Records a lab. */
export const writeRecord = async (stateRoot: string, record: LabRecord): Promise<void> => {
  const { directory, record: path } = labPaths(stateRoot, record.name);
  await mkdir(directory, { recursive: true, mode: 0o755 });
  await writeWhole(path, `${JSON.stringify(record, null, 2)}\n`);
};

/** Forgets a lab and removes its files. */
export const removeLabFiles = (stateRoot: string, lab: string): Promise<void> =>
  rm(labPaths(stateRoot, lab).directory, { recursive: true, force: true });

/** The names of all labs that have files. */
export const labsWithFiles = (stateRoot: string): Promise<readonly string[]> =>
  readdir(labsDirectory(stateRoot)).catch(() => []);
