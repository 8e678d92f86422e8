import { execFile } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";
import type { VaultPassword } from "../config/vault.ts";
import { LbplayError } from "../core/error.ts";
import { type Secret, secret } from "../core/secret.ts";
import type { Io } from "./io.ts";
import type { CredentialRequest } from "./run-options.ts";

/** The passwords of one run; null where none was asked for. */
export interface Credentials {
  readonly connection: Secret | null;
  readonly become: Secret | null;
  readonly vaults: readonly VaultPassword[];
}

/** Asks for passwords and reads them from files, in the order in which Ansible asks. */
export const readCredentials = async (request: CredentialRequest, io: Io): Promise<Credentials> => {
  const connection = await passwordOf(request.askConnection, request.connectionFile, "SSH password: ", io);
  const become = await becomePassword(request, connection, io);
  return { connection, become, vaults: await vaultPasswords(request, io) };
};

const passwordOf = async (
  asked: boolean,
  file: string | null,
  text: string,
  io: Io,
): Promise<Secret | null> => {
  if (file !== null) return readPasswordFile(file, io);
  return asked ? secret(await io.ask({ text, secret: true })) : null;
};

/** As in Ansible, an empty answer means the login password where there is one. */
const becomePassword = async (
  request: CredentialRequest,
  connection: Secret | null,
  io: Io,
): Promise<Secret | null> => {
  const text = connection === null ? "BECOME password: " : "BECOME password[defaults to SSH password]: ";
  const password = await passwordOf(request.askBecome, request.becomeFile, text, io);
  return password?.reveal() === "" ? connection : password;
};

const vaultPasswords = async (
  { askVault, vaultFiles, vaultIds }: Pick<CredentialRequest, "askVault" | "vaultFiles" | "vaultIds">,
  io: Io,
  ask: (label: string | null) => Promise<Secret> = (label) => askVaultPassword(label, io),
): Promise<readonly VaultPassword[]> => {
  const found: VaultPassword[] = [];
  for (const word of vaultIds) {
    const { label, source } = vaultId(word);
    const password = source === "prompt" ? await ask(label) : await readPasswordFile(source, io, label);
    found.push({ id: label, password });
  }
  for (const file of vaultFiles)
    found.push({ id: "default", password: await readPasswordFile(file, io, "default") });
  if (askVault) found.push({ id: "default", password: await ask(null) });
  return found;
};

const askVaultPassword = async (label: string | null, io: Io): Promise<Secret> =>
  secret(
    await io.ask({ text: label === null ? "Vault password: " : `Vault password (${label}): `, secret: true }),
  );

/** Passwords of vaults that exist; where none is named, it is asked for. */
export const oldVaultPasswords = async (
  request: CredentialRequest,
  io: Io,
): Promise<readonly VaultPassword[]> => {
  const named = await vaultPasswords(request, io);
  return named.length > 0 ? named : vaultPasswords({ ...request, askVault: true }, io);
};

/** Passwords for what is to be encrypted; one that is asked for is asked for twice, and so it is where none is named. */
export const newVaultPasswords = async (
  request: Pick<CredentialRequest, "askVault" | "vaultFiles" | "vaultIds">,
  io: Io,
): Promise<readonly VaultPassword[]> => {
  const ask = (label: string | null): Promise<Secret> => askNewPassword(label, io);
  const named = await vaultPasswords(request, io, ask);
  return named.length > 0 ? named : vaultPasswords({ ...request, askVault: true }, io, ask);
};

const askNewPassword = async (label: string | null, io: Io): Promise<Secret> => {
  const of = label === null ? "" : ` (${label})`;
  const password = await io.ask({ text: `New vault password${of}: `, secret: true });
  const again = await io.ask({ text: `Confirm new vault password${of}: `, secret: true });
  if (password === again && password !== "") return secret(password);
  throw new LbplayError({
    code: "E_PASSWORD",
    message: password === "" ? "an empty password protects nothing" : "the two passwords differ",
    hint: "nothing was changed; start again",
  });
};

/** `label@source`; without a label it is `default`'s. */
const vaultId = (word: string): { readonly label: string; readonly source: string } => {
  const at = word.indexOf("@");
  return at === -1
    ? { label: "default", source: word }
    : { label: word.slice(0, at), source: word.slice(at + 1) };
};

/**
 * A password file's text without surrounding white space, as Ansible reads it. An executable one is run for it; where
 * its name ends in `-client` it is told the vault id, as Ansible does.
 */
const readPasswordFile = async (file: string, io: Io, vaultLabel: string | null = null): Promise<Secret> => {
  const path = resolve(io.cwd, file.replace(/^~(?=\/|$)/, io.env.HOME ?? "~"));
  const isProgram = await stat(path).then(
    (found) => found.isFile() && (found.mode & 0o111) !== 0,
    () => false,
  );
  const words = vaultLabel !== null && /-client(\.\w+)?$/.test(path) ? ["--vault-id", vaultLabel] : [];
  const text = isProgram ? await outputOf(path, words, io) : await textOf(path, file);
  const password = text.trim();
  if (password === "") {
    throw new LbplayError({
      code: "E_PASSWORD_FILE",
      message: `the password file ${file} gives no password`,
    });
  }
  return secret(password);
};

const textOf = (path: string, file: string): Promise<string> =>
  readFile(path, "utf8").catch((cause: unknown) => {
    throw new LbplayError({
      code: "E_PASSWORD_FILE",
      message: `cannot read the password file ${file}`,
      hint: "name a file that you may read; its text without surrounding blanks is the password",
      cause,
    });
  });

const outputOf = async (path: string, words: readonly string[], io: Io): Promise<string> => {
  try {
    return (await promisify(execFile)(path, words, { cwd: io.cwd })).stdout;
  } catch (cause) {
    throw new LbplayError({
      code: "E_PASSWORD_FILE",
      message: `the password program ${path} failed`,
      hint: "it is run because it is executable; chmod -x it to have its text read instead",
      cause,
    });
  }
};
