import { copyFile, cp, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CommandResult, must, run } from "../../src/lab/command.ts";
import { ROOT } from "./lbplay.ts";

/** A directory as a user's: the Vagrantfile, inventory/vagrant, and a home of its own for Vagrant. */
export interface VagrantDirectory {
  readonly path: string;
  readonly env: Record<string, string>;
  /** Runs vagrant there; any exit code is a value. */
  readonly vagrant: (...words: readonly string[]) => Promise<CommandResult>;
  /** Runs vagrant, which has to exit 0. */
  readonly done: (...words: readonly string[]) => Promise<void>;
}

/** Makes such a directory; its name begins those of the containers, and tells whether their test run is over. */
export const vagrantDirectory = async (
  name: string,
  env: Record<string, string>,
): Promise<VagrantDirectory> => {
  const path = join(tmpdir(), name);
  await mkdir(path, { recursive: true });
  await copyFile(`${ROOT}Vagrantfile`, join(path, "Vagrantfile"));
  await cp(`${ROOT}inventory/vagrant/group_vars`, join(path, "inventory/vagrant/group_vars"), {
    recursive: true,
  });
  const all = { VAGRANT_HOME: join(path, "home"), VAGRANT_CHECKPOINT_DISABLE: "1", ...env };
  const words = Object.entries(all).map(([key, value]) => `${key}=${value}`);
  const command = ["env", "-C", path, ...words, "vagrant"];
  return {
    path,
    env: all,
    vagrant: (...more) => run([...command, ...more]),
    done: async (...more) => {
      await must([...command, ...more]);
    },
  };
};
