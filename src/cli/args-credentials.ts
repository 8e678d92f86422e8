import { type Command as Commander, Option } from "commander";
import { collect, orNull } from "./option-values.ts";
import type { CredentialRequest } from "./run-options.ts";

/** What commander knows of the options for passwords. */
export interface CredentialFlags {
  readonly askPass?: boolean;
  readonly askBecomePass?: boolean;
  readonly connectionPasswordFile?: string;
  readonly becomePasswordFile?: string;
  readonly askVaultPass?: boolean;
  readonly vaultPasswordFile?: readonly string[];
  readonly vaultId?: readonly string[];
}

/** Adds the options for vault passwords. */
export const addVaultOptions = (command: Commander): Commander =>
  command
    .addOption(
      new Option("--vault-password-file <file>", "read a vault password from a file (repeatable)").argParser(
        collect,
      ),
    )
    .addOption(
      new Option(
        "--vault-id <id>",
        "vault password under a label: label@file or label@prompt (repeatable)",
      ).argParser(collect),
    )
    .option("--ask-vault-pass", "ask for the vault password");

/** Adds the options for the passwords of logins and of sudo. */
export const addPasswordOptions = (command: Commander): Commander =>
  command
    .option("-k, --ask-pass", "ask for the login password")
    .option("-K, --ask-become-pass", "ask for the password of sudo (or su)")
    .addOption(
      new Option("--connection-password-file <file>", "read the login password from a file").conflicts(
        "askPass",
      ),
    )
    .addOption(
      new Option("--become-password-file <file>", "read the password of sudo (or su) from a file").conflicts(
        "askBecomePass",
      ),
    );

/** Where passwords come from, by the flags. */
export const credentialRequest = (flags: CredentialFlags): CredentialRequest => ({
  askConnection: flags.askPass ?? false,
  askBecome: flags.askBecomePass ?? false,
  connectionFile: orNull(flags.connectionPasswordFile),
  becomeFile: orNull(flags.becomePasswordFile),
  askVault: flags.askVaultPass ?? false,
  vaultFiles: flags.vaultPasswordFile ?? [],
  vaultIds: flags.vaultId ?? [],
});
