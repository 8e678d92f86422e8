import { type Command as Commander, Option } from "commander";
import { addVaultOptions, type CredentialFlags, credentialRequest } from "./args-credentials.ts";
import { orNull } from "./option-values.ts";
import type { Command, VaultAction } from "./run-options.ts";

interface VaultFlags extends CredentialFlags {
  readonly output?: string;
  readonly encryptVaultId?: string;
  readonly newVaultId?: string;
  readonly newVaultPasswordFile?: string;
  readonly name?: string;
}

/** Adds `lbplay vault`. */
export const addVaultCommand = (program: Commander, found: (command: Command) => void): void => {
  const vault = program
    .command("vault")
    .description(
      "Encrypt and decrypt files and values as ansible-vault does; either reads what the other wrote.",
    )
    .addHelpText("after", VAULT_HELP);
  const add = (
    name: string,
    description: string,
    argument: string | null,
    action: (files: readonly string[], flags: VaultFlags) => VaultAction,
  ): Commander => {
    const command = vault.command(name).description(description);
    if (argument !== null) command.argument(argument, "files");
    return addVaultOptions(command).action((...given: readonly unknown[]) => {
      const flags = given.at(-2) as VaultFlags;
      const files = argument === null ? [] : [given[0]].flat().filter((file) => typeof file === "string");
      found({
        kind: "vault",
        options: { credentials: credentialRequest(flags), action: action(files, flags) },
      });
    });
  };
  for (const kind of ["encrypt", "decrypt"] as const) {
    const command = add(
      kind,
      `${kind} files in their place, or the standard input`,
      "[file...]",
      (files, flags) => ({
        kind,
        files,
        output: orNull(flags.output),
        encryptId: orNull(flags.encryptVaultId),
      }),
    ).option("--output <file>", "write there instead; - is the standard output");
    if (kind === "encrypt") command.addOption(encryptIdOption());
  }
  add("view", "print what is in encrypted files", "<file...>", (files) => ({ kind: "view", files }));
  add(
    "edit",
    "open an encrypted file in $VISUAL, $EDITOR or vi, and encrypt it again",
    "<file>",
    ([file = ""]) => ({
      kind: "edit",
      file,
    }),
  );
  add("rekey", "encrypt files with another password", "<file...>", (files, flags) => ({
    kind: "rekey",
    files,
    newId: orNull(flags.newVaultId),
    newFile: orNull(flags.newVaultPasswordFile),
  }))
    .addOption(
      new Option("--new-vault-id <id>", "the new password: label@file or label@prompt").conflicts(
        "newVaultPasswordFile",
      ),
    )
    .option("--new-vault-password-file <file>", "read the new password from a file");
  add(
    "encrypt-string",
    "encrypt a value, from the standard input or asked for, for a file of variables",
    null,
    (_, flags) => ({
      kind: "encrypt-string",
      name: orNull(flags.name),
      encryptId: orNull(flags.encryptVaultId),
    }),
  )
    .option("-n, --name <name>", "the variable that has the value")
    .addOption(encryptIdOption());
};

const encryptIdOption = (): Option =>
  new Option("--encrypt-vault-id <label>", "of several passwords the one to encrypt with");

const VAULT_HELP = `
Examples:
  lbplay vault encrypt group_vars/all/vault.yml --vault-id prod@~/.vault-prod
  lbplay vault edit group_vars/all/vault.yml --vault-password-file ~/.vault
  lbplay vault rekey group_vars/*/vault.yml --vault-id prod@old --new-vault-id prod@new
  printf %s "$TOKEN" | lbplay vault encrypt-string --name api_token --vault-password-file ~/.vault

Files keep their mode and owner, and are whole at any time. A value is never taken from the command line, where
everybody on this machine could read it.`;
