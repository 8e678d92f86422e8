import { createHash, getHashes } from "node:crypto";
import { type Obj, PyError, textOf } from "../objects.ts";
import { md5Crypt, SALT_CHARACTERS, shaCrypt } from "../python/crypt.ts";
import { needText, optionalInt, optionalText } from "../python/method-arguments.ts";
import { str } from "../python/print.ts";
import { type Definition, define, type FilterTools } from "./define.ts";

const hex = (algorithm: string, text: string): string =>
  createHash(algorithm).update(text, "utf8").digest("hex");

const plain = (name: string, algorithm: string): Definition =>
  define(name, [], (value) => hex(algorithm, str(value)));

const hash = define("hash", ["hashtype"], (value, [type]) => {
  const name = type === undefined ? "sha1" : str(type);
  const known = name.replace("_", "-").toLowerCase();
  const algorithm = getHashes().find((candidate) => candidate.toLowerCase() === known);
  if (algorithm === undefined) throw new PyError("FilterError", `unsupported hash type ${name}`);
  return hex(algorithm, str(value));
});

/** Ansible's rounds where none are asked for: those of passlib, not of crypt(3). */
const DEFAULT_ROUNDS = { sha256: 535_000, sha512: 656_000 } as const;

const randomSalt = (size: number, tools: FilterTools): string =>
  Array.from(
    { length: size },
    () => SALT_CHARACTERS[Math.floor(tools.host.random() * SALT_CHARACTERS.length)] ?? ".",
  ).join("");

const passwordHash = define(
  "password_hash",
  ["hashtype", "salt", "salt_size", "rounds", "ident"],
  (value, [type, saltGiven, saltSize, rounds], tools) => {
    const name = (type === undefined ? "sha512" : str(type)).replace(/_crypt$/, "");
    const isMd5 = name === "md5";
    const size = optionalInt(saltSize, isMd5 ? 8 : 16);
    const asked = optionalText(saltGiven, "salt");
    const salt = asked === null || asked === "" ? randomSalt(size, tools) : asked;
    const password = needText(textOf(value) ?? str(value), "password");
    if (isMd5) return md5Crypt(password, salt);
    if (name !== "sha256" && name !== "sha512") {
      const hint = name === "blowfish" || name === "bcrypt" ? ": use sha512, which every Linux knows" : "";
      throw new PyError("FilterError", `password_hash knows sha512, sha256 and md5, not '${name}'${hint}`);
    }
    return shaCrypt(name, password, salt, optionalInt(rounds, DEFAULT_ROUNDS[name]));
  },
);

/** Ansible's own namespace for the UUIDs of to_uuid. */
const ANSIBLE_NAMESPACE = "361E6D51-FAEC-444A-9079-341386DA8E2E";

const uuid = define("to_uuid", ["namespace"], (value, [given]) => {
  const namespace = given === undefined ? ANSIBLE_NAMESPACE : str(given);
  const bare = namespace.replace(/^urn:uuid:/, "").replace(/[{}-]/g, "");
  if (!/^[0-9a-fA-F]{32}$/.test(bare))
    throw new PyError("FilterError", `Invalid value '${namespace}' for 'namespace'`);
  const digest = createHash("sha1")
    .update(Buffer.from(bare, "hex"))
    .update(str(value), "utf8")
    .digest()
    .subarray(0, 16);
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x50;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  return digest.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
});

const ENCODINGS: Readonly<Record<string, BufferEncoding>> = {
  "utf-8": "utf8",
  utf8: "utf8",
  "utf-16-le": "utf16le",
  "utf-16le": "utf16le",
  ascii: "ascii",
  "latin-1": "latin1",
  latin1: "latin1",
};

const encoding = (value: Obj | undefined): BufferEncoding => {
  const name = value === undefined ? "utf-8" : str(value);
  const known = ENCODINGS[name.toLowerCase()];
  if (known === undefined) throw new PyError("ValueError", `unknown encoding: ${name}`);
  return known;
};

const bytesOf = (value: Obj): string => needText(textOf(value) ?? str(value), "the value");

const refused = (name: string): Definition =>
  define(name, ["secret", "salt", "vaultid", "wrap_object"], () => {
    throw new PyError(
      "Refused",
      `the filter '${name}' is not available: keep secrets in files encrypted with ansible-vault`,
    );
  });

/** Ansible's filters on hashes and encodings. */
export const hashFilters: readonly Definition[] = [
  plain("md5", "md5"),
  plain("sha1", "sha1"),
  plain("checksum", "sha1"),
  hash,
  passwordHash,
  uuid,
  define("b64encode", ["encoding"], (value, [name]) =>
    Buffer.from(bytesOf(value), encoding(name)).toString("base64"),
  ),
  define("b64decode", ["encoding"], (value, [name]) =>
    Buffer.from(bytesOf(value), "base64").toString(encoding(name)),
  ),
  refused("vault"),
  refused("unvault"),
];
