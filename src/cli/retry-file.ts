import { mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { ansibleSettings } from "./ansible-settings.ts";
import type { Io } from "./io.ts";

/**
 * Writes the hosts that failed into PLAYBOOK.retry for `--limit @FILE`, where Ansible's retry_files_enabled asks for it:
 * beside the playbook, or in retry_files_save_path. Gives its path; null where none is written.
 */
export const writeRetryFile = (playbook: string, hosts: readonly string[], io: Io): string | null => {
  const settings = ansibleSettings(io);
  if (settings.flag("retryFiles") !== true) return null;
  const directory = settings.text("retryFilesPath") ?? dirname(resolve(io.cwd, playbook));
  const path = join(directory, `${basename(playbook, extname(playbook))}.retry`);
  try {
    mkdirSync(directory, { recursive: true });
    writeFileSync(path, hosts.map((host) => `${host}\n`).join(""));
    return path;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    io.stderr.write(`warning: the retry file cannot be written: ${reason}\n`);
    return null;
  }
};
