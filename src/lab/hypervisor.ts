import { LbplayError } from "../core/error.ts";
import { argv } from "../core/shell.ts";
import type { CommandResult } from "./command.ts";
import type { NodeState } from "./node.ts";

/**
 * What Vagrant itself cannot do to a machine, by the commands of what runs it. `id` is the machine's as Vagrant wrote it
 * down, `mac` (`08:00:27:ab:cd:ef`) tells the cable that the pair speaks over.
 */
export interface Hypervisor {
  readonly state: (id: string) => Promise<NodeState>;
  /** null: the machine has no such cable, or is off. */
  readonly isPlugged: (id: string, mac: string) => Promise<boolean | null>;
  readonly setPlugged: (id: string, mac: string, plugged: boolean) => Promise<void>;
  readonly freeze: (id: string) => Promise<void>;
  readonly thaw: (id: string) => Promise<void>;
  /** Cuts the power: nothing of the machine gets to say good-bye. */
  readonly kill: (id: string) => Promise<void>;
}

/** Runs a command of this machine, words as given; any exit code is a value. */
export type HostRun = (words: readonly string[]) => Promise<CommandResult>;

/** A command that has to succeed, and what to install where there is none. */
export const hostCommand =
  (run: HostRun, command: string, hint: string) =>
  async (words: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(words);
    if (code === 0) return stdout;
    if (code === 127) {
      throw new LbplayError({
        code: "E_VAGRANT_COMMAND",
        message: `${command} is not installed, and Vagrant itself cannot do this`,
        hint,
      });
    }
    throw new LbplayError({
      code: "E_LAB_COMMAND",
      message: `${argv(...words)} exited ${code}: ${(stderr.trim() || stdout.trim()).slice(-2000)}`,
    });
  };
