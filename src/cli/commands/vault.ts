import { randomBytes } from "node:crypto";
import { existsSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { encryptVault, isVaultText, openVault, SALT_BYTES, type VaultPassword } from "../../config/vault.ts";
import { LbplayError } from "../../core/error.ts";
import { newVaultPasswords, oldVaultPasswords } from "../credentials.ts";
import { editText } from "../edit-text.ts";
import { EXIT } from "../exit-code.ts";
import type { Io } from "../io.ts";
import type { CredentialRequest, VaultAction, VaultOptions } from "../run-options.ts";
import { readWhole, writeWhole } from "../vault-file.ts";

/** Encrypts, decrypts, shows and changes what ansible-vault keeps. All files are looked at before the first is written. */
export const vault = async ({ action, credentials }: VaultOptions, io: Io): Promise<number> => {
  switch (action.kind) {
    case "encrypt":
      await encryptFiles(action, credentials, io);
      break;
    case "decrypt":
      await decryptFiles(action, credentials, io);
      break;
    case "view":
      await viewFiles(action.files, credentials, io);
      break;
    case "edit":
      await editFile(action.file, credentials, io);
      break;
    case "rekey":
      await rekeyFiles(action, credentials, io);
      break;
    case "encrypt-string":
      await encryptString(action, credentials, io);
  }
  return EXIT.ok;
};

type Of<K extends VaultAction["kind"]> = Extract<VaultAction, { kind: K }>;

/** Something to work on: a file, or (path null) the standard input. */
interface Item {
  readonly path: string | null;
  readonly shown: string;
  readonly bytes: Buffer;
}

const encryptFiles = async (
  { files, output, encryptId }: Of<"encrypt" | "decrypt">,
  credentials: CredentialRequest,
  io: Io,
): Promise<void> => {
  const items = await itemsOf(files, output, io);
  for (const { shown, bytes } of items)
    if (isVaultText(bytes.toString("latin1", 0, 64)))
      throw mistake(`${shown} is encrypted already`, "lbplay vault rekey gives it another password");
  const { id, password } = chosen(await newVaultPasswords(credentials, io), encryptId);
  put(items, output, io, ({ bytes }) => Buffer.from(encryptVault(bytes, id, password, salt())));
};

const decryptFiles = async (
  { files, output }: Of<"encrypt" | "decrypt">,
  credentials: CredentialRequest,
  io: Io,
): Promise<void> => {
  const items = await itemsOf(files, output, io);
  const passwords = await oldVaultPasswords(credentials, io);
  put(items, output, io, (item) => opened(item, passwords).plain);
};

const viewFiles = async (files: readonly string[], credentials: CredentialRequest, io: Io): Promise<void> => {
  const items = files.map((file) => fileItem(file, io));
  const passwords = await oldVaultPasswords(credentials, io);
  for (const { plain } of items.map((item) => opened(item, passwords)))
    io.stdout.write(plain.toString("utf8"));
};

const editFile = async (file: string, credentials: CredentialRequest, io: Io): Promise<void> => {
  const item = fileItem(file, io);
  const { plain, id, password } = opened(item, await oldVaultPasswords(credentials, io));
  await editText(file, plain, io, (edited) => {
    if (item.path !== null) writeWhole(item.path, Buffer.from(encryptVault(edited, id, password, salt())));
  });
};

const rekeyFiles = async (
  { files, newId, newFile }: Of<"rekey">,
  credentials: CredentialRequest,
  io: Io,
): Promise<void> => {
  const items = files.map((file) => fileItem(file, io));
  const passwords = await oldVaultPasswords(credentials, io);
  const all = items.map((item) => ({ ...item, bytes: opened(item, passwords).plain }));
  const request = {
    askVault: false,
    vaultIds: newId === null ? [] : [newId],
    vaultFiles: newFile === null ? [] : [newFile],
  };
  const { id, password } = chosen(await newVaultPasswords(request, io), null);
  put(all, null, io, ({ bytes }) => Buffer.from(encryptVault(bytes, id, password, salt())));
};

const encryptString = async (
  { name, encryptId }: Of<"encrypt-string">,
  credentials: CredentialRequest,
  io: Io,
): Promise<void> => {
  const { id, password } = chosen(await newVaultPasswords(credentials, io), encryptId);
  const value =
    (await io.input()) ??
    Buffer.from(await io.ask({ text: name === null ? "Value: " : `Value of ${name}: `, secret: true }));
  if (value.length === 0) throw mistake("there is no value to encrypt", "give it on the standard input");
  const lines = encryptVault(value, id, password, salt()).trimEnd().split("\n");
  const head = name === null ? "!vault |" : `${name}: !vault |`;
  io.stdout.write(`${[head, ...lines.map((line) => `          ${line}`)].join("\n")}\n`);
};

const salt = (): Buffer => randomBytes(SALT_BYTES);

const mistake = (message: string, hint: string): LbplayError =>
  new LbplayError({ code: "E_VAULT", message, hint });

const itemsOf = async (files: readonly string[], output: string | null, io: Io): Promise<readonly Item[]> => {
  if (output !== null && files.length > 1)
    throw mistake(
      "--output takes one file, several are given",
      "leave --output out to change each in its place",
    );
  const names = files.filter((file) => file !== "-");
  if (names.length > 0) return names.map((file) => fileItem(file, io));
  const bytes = await io.input();
  if (bytes === null) throw mistake("no file is given", "name files, or give the text on the standard input");
  return [{ path: null, shown: "the standard input", bytes }];
};

const fileItem = (file: string, io: Io): Item => {
  const { path, bytes } = readWhole(resolve(io.cwd, file));
  return { path, shown: file, bytes };
};

const opened = ({ shown, bytes }: Item, passwords: readonly VaultPassword[]) => {
  const text = bytes.toString("latin1");
  if (!isVaultText(text)) throw mistake(`${shown} is not encrypted`, "lbplay vault encrypt encrypts it");
  const at = { source: { path: shown, text }, line: 1, column: 1, length: 1 };
  return openVault(text, passwords, at);
};

/** Works out all of them, then writes them. */
const put = (items: readonly Item[], output: string | null, io: Io, work: (item: Item) => Buffer): void => {
  for (const { path, bytes } of items.map((item) => ({ path: item.path, bytes: work(item) }))) {
    const target = output === null ? path : output === "-" ? null : targetOf(resolve(io.cwd, output));
    if (target === null) io.stdout.write(bytes.toString("utf8"));
    else writeWhole(target, bytes);
  }
};

const targetOf = (path: string): string => (existsSync(path) ? realpathSync(path) : path);

/** The password to encrypt with: the one of the label, or the only one. */
const chosen = (passwords: readonly VaultPassword[], label: string | null): VaultPassword => {
  const [only, ...others] = label === null ? passwords : passwords.filter(({ id }) => id === label);
  const labels = [...new Set(passwords.map(({ id }) => id))].join(", ");
  if (only === undefined)
    throw mistake(
      `no password has the label ${label}`,
      `there are ${labels}; --vault-id ${label}@FILE adds one`,
    );
  if (label === null && others.length > 0)
    throw mistake(
      `there are passwords for ${labels}`,
      "say with --encrypt-vault-id which one to encrypt with",
    );
  return only;
};
