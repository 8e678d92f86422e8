import { createCipheriv, createDecipheriv, createHmac, pbkdf2Sync, timingSafeEqual } from "node:crypto";
import { LbplayError, type Place } from "../core/error.ts";
import type { Secret } from "../core/secret.ts";

/** A password of ansible-vault under its id (`default` where none was given). */
export interface VaultPassword {
  readonly id: string;
  readonly password: Secret;
}

const HEADER = /^\$ANSIBLE_VAULT;(1\.1|1\.2);([A-Z0-9]+)(?:;([^\r\n]*))?\r?$/;

/** True for the text of an encrypted file or variable. */
export const isVaultText = (text: string): boolean => text.trimStart().startsWith("$ANSIBLE_VAULT;");

/** An envelope that was opened: what was in it, and how to close it again. */
export interface OpenedVault {
  readonly plain: Buffer;
  /** The id that the envelope names; null for none. */
  readonly id: string | null;
  /** The password that opened it. */
  readonly password: Secret;
}

/** The plain bytes of an ansible-vault 1.1 or 1.2 envelope. `at` is where it stands, for the error. */
export const decryptVault = (
  envelope: string,
  passwords: readonly VaultPassword[],
  at: Place | null,
): Buffer => openVault(envelope, passwords, at).plain;

/** Opens an ansible-vault 1.1 or 1.2 envelope. Throws LbplayError E_VAULT. */
export const openVault = (
  envelope: string,
  passwords: readonly VaultPassword[],
  at: Place | null,
): OpenedVault => {
  const [first = "", ...lines] = envelope.trim().split("\n");
  const header = HEADER.exec(first.trim());
  if (header === null)
    throw fault(
      `not an ansible-vault header: ${JSON.stringify(first.slice(0, 60))}`,
      at,
      "expected $ANSIBLE_VAULT;1.1;AES256",
    );
  if (header[2] !== "AES256")
    throw fault(`unknown vault cipher ${header[2] ?? ""}`, at, "only AES256 is known; rekey the file");
  const id = header[3]?.trim() ?? null;
  if (passwords.length === 0)
    throw fault(
      id === null
        ? "encrypted, and no vault password was given"
        : `encrypted for the vault id "${id}", and no vault password was given`,
      at,
      "give --vault-password-file FILE, --vault-id LABEL@FILE or --ask-vault-pass",
    );
  const parts = partsOf(lines.map((line) => line.trim()).join(""));
  if (parts === null)
    throw fault("the encrypted text is damaged", at, "restore it from version control, or encrypt it anew");
  for (const candidate of ordered(passwords, id)) {
    const plain = tryDecrypt(parts, candidate.password.reveal());
    if (plain !== null) return { plain, id, password: candidate.password };
  }
  const tried = passwords.map((candidate) => candidate.id).join(", ");
  throw fault("none of the vault passwords decrypts this", at, `tried the vault ids: ${tried}`);
};

/** Bytes of salt that an envelope wants. */
export const SALT_BYTES = 32;

/**
 * The envelope of plain bytes as ansible-vault makes it: version 1.2 with the id, or 1.1 where there is none or it is
 * `default`. `salt` must be fresh random bytes.
 */
export const encryptVault = (plain: Buffer, id: string | null, password: Secret, salt: Buffer): string => {
  const { cipherKey, macKey, counter } = keysOf(password.reveal(), salt);
  const padding = 16 - (plain.length % 16);
  const cipher = createCipheriv("aes-256-ctr", cipherKey, counter);
  const padded = Buffer.concat([plain, Buffer.alloc(padding, padding)]);
  const ciphertext = Buffer.concat([cipher.update(padded), cipher.final()]);
  const mac = createHmac("sha256", macKey).update(ciphertext).digest();
  const inner = [salt, mac, ciphertext].map((part) => part.toString("hex")).join("\n");
  const body =
    Buffer.from(inner, "latin1")
      .toString("hex")
      .match(/.{1,80}/g) ?? [];
  const header =
    id === null || id === "default" ? "$ANSIBLE_VAULT;1.1;AES256" : `$ANSIBLE_VAULT;1.2;AES256;${id}`;
  return `${[header, ...body].join("\n")}\n`;
};

const keysOf = (password: string, salt: Buffer) => {
  const key = pbkdf2Sync(Buffer.from(password, "utf8"), salt, 10_000, 80, "sha256");
  return { cipherKey: key.subarray(0, 32), macKey: key.subarray(32, 64), counter: key.subarray(64, 80) };
};

const fault = (message: string, at: Place | null, hint: string): LbplayError =>
  new LbplayError({ code: "E_VAULT", message, at, hint });

/** The password with the envelope's own id first; the others may still fit, as ansible-vault has it. */
const ordered = (passwords: readonly VaultPassword[], id: string | null): readonly VaultPassword[] => [
  ...passwords.filter((candidate) => candidate.id === id),
  ...passwords.filter((candidate) => candidate.id !== id),
];

interface EnvelopeParts {
  readonly salt: Buffer;
  readonly hmac: Buffer;
  readonly ciphertext: Buffer;
}

/** The body is hex of three hex lines: salt, HMAC, ciphertext. */
const partsOf = (hex: string): EnvelopeParts | null => {
  const inner = fromHex(hex)?.toString("latin1").split("\n") ?? [];
  const [salt, hmac, ciphertext] = inner.map(fromHex);
  if (salt == null || hmac == null || ciphertext == null || inner.length !== 3) return null;
  return { salt, hmac, ciphertext };
};

const fromHex = (text: string): Buffer | null =>
  /^(?:[0-9a-fA-F]{2})*$/.test(text) ? Buffer.from(text, "hex") : null;

const tryDecrypt = ({ salt, hmac, ciphertext }: EnvelopeParts, password: string): Buffer | null => {
  const { cipherKey, macKey, counter } = keysOf(password, salt);
  const wanted = createHmac("sha256", macKey).update(ciphertext).digest();
  if (wanted.length !== hmac.length || !timingSafeEqual(wanted, hmac)) return null;
  const decipher = createDecipheriv("aes-256-ctr", cipherKey, counter);
  const padded = Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  const padding = padded.at(-1) ?? 0;
  return padding < 1 || padding > 16 ? null : padded.subarray(0, padded.length - padding);
};
