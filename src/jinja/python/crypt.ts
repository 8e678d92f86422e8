import { createHash } from "node:crypto";
import { PyError } from "../objects.ts";
import { createSha2, padded } from "./sha2.ts";

const ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** The characters that a salt may have. */
export const SALT_CHARACTERS: string = ALPHABET;

/** What tells the SHA-2 variants of crypt(3) apart. */
interface Variant {
  readonly hash: "sha256" | "sha512";
  readonly prefix: string;
  readonly size: number;
  readonly order: readonly (readonly number[])[];
}

/** Byte triples in the order in which crypt(3) encodes them. */
const order256: readonly (readonly number[])[] = [
  [0, 10, 20],
  [21, 1, 11],
  [12, 22, 2],
  [3, 13, 23],
  [24, 4, 14],
  [15, 25, 5],
  [6, 16, 26],
  [27, 7, 17],
  [18, 28, 8],
  [9, 19, 29],
  [31, 30],
];

const order512: readonly (readonly number[])[] = [
  ...Array.from({ length: 21 }, (_, index) => {
    const triple = [index, index + 21, index + 42];
    const turn = index % 3;
    return [...triple.slice(turn), ...triple.slice(0, turn)];
  }),
  [63],
];

const VARIANTS: Readonly<Record<"sha256" | "sha512", Variant>> = {
  sha256: { hash: "sha256", prefix: "$5$", size: 32, order: order256 },
  sha512: { hash: "sha512", prefix: "$6$", size: 64, order: order512 },
};

/** crypt(3) with SHA-256 or SHA-512, as the specification by Ulrich Drepper has it; 5000 rounds are not written out. */
export const shaCrypt = (
  kind: "sha256" | "sha512",
  password: string,
  salt: string,
  rounds: number,
): string => {
  const variant = VARIANTS[kind];
  if (rounds < 1000 || rounds > 999_999_999) {
    throw new PyError("ValueError", `rounds must be from 1000 to 999999999, not ${rounds}`);
  }
  checkSalt(salt, 16);
  const key = Buffer.from(password, "utf8");
  const saltBytes = Buffer.from(salt, "latin1");
  const digest = shaRounds(variant, key, saltBytes, rounds);
  const shown = rounds === 5000 ? "" : `rounds=${rounds}$`;
  return `${variant.prefix}${shown}${salt}$${encode(digest, variant.order)}`;
};

const checkSalt = (salt: string, longest: number): void => {
  if (salt.length > longest) throw new PyError("FilterError", `a salt has at most ${longest} characters`);
  if (!/^[./0-9A-Za-z]*$/.test(salt)) throw new PyError("FilterError", "invalid characters in salt");
};

const digestOf = (hash: string, ...parts: readonly Buffer[]): Buffer => {
  const sum = createHash(hash);
  for (const part of parts) sum.update(part);
  return sum.digest();
};

/** So many bytes of a block repeated. */
const stretched = (block: Buffer, length: number): Buffer => Buffer.alloc(length, block);

const shaRounds = ({ hash, size }: Variant, key: Buffer, salt: Buffer, rounds: number): Buffer => {
  const alternate = digestOf(hash, key, salt, key);
  const parts = [key, salt, stretched(alternate, key.length)];
  for (let bits = key.length; bits > 0; bits >>= 1) parts.push((bits & 1) === 1 ? alternate : key);
  const digest = digestOf(hash, ...parts);
  const keyBlock = stretched(digestOf(hash, ...Array<Buffer>(key.length).fill(key)), key.length);
  const first = digest[0] ?? 0;
  const saltBlock = stretched(digestOf(hash, ...Array<Buffer>(16 + first).fill(salt)), salt.length);
  const layouts = Array.from({ length: 42 }, (_, round) => layoutOf(round, keyBlock, saltBlock, size));
  return repeated(hash, digest, layouts, rounds);
};

/** The message of a round without the digest of the round before, and where that goes. */
interface Layout {
  readonly message: Buffer;
  readonly hole: number;
}

/** Which parts a message has depends on the round's remainders by 2, 3 and 7: there are 42 kinds of them. */
const layoutOf = (round: number, key: Buffer, salt: Buffer, size: number): Layout => {
  const hole = Buffer.alloc(size);
  const odd = round % 2 === 1;
  const between = [...(round % 3 === 0 ? [] : [salt]), ...(round % 7 === 0 ? [] : [key])];
  const parts = odd ? [key, ...between, hole] : [hole, ...between, key];
  const message = Buffer.concat(parts);
  return { message, hole: odd ? message.length - size : 0 };
};

/** All rounds: the messages lie in the hash's memory, ready but for the last digest. */
const repeated = (
  hash: Variant["hash"],
  first: Buffer,
  layouts: readonly Layout[],
  rounds: number,
): Buffer => {
  const block = hash === "sha256" ? 64 : 128;
  const messages = layouts.map(({ message, hole }) => ({ bytes: padded(hash, message), hole }));
  const total = messages.reduce((sum, { bytes }) => sum + bytes.length, block);
  const { memory, digest } = createSha2(hash, total);
  memory.set(first);
  let end = block;
  const places = messages.map(({ bytes, hole }) => {
    const at = end;
    memory.set(bytes, at);
    end += bytes.length;
    return { at, hole: at + hole, blocks: bytes.length / block };
  });
  for (let round = 0; round < rounds; round += 1) {
    const place = places[round % places.length];
    if (place === undefined) break;
    memory.copyWithin(place.hole, 0, first.length);
    digest(place.at, place.blocks, 0);
  }
  return Buffer.from(memory.subarray(0, first.length));
};

const encode = (digest: Buffer, order: readonly (readonly number[])[]): string =>
  order
    .map((bytes) => {
      const value = bytes.reduce((sum, index) => sum * 256 + (digest[index] ?? 0), 0);
      return sextets(value, Math.ceil((bytes.length * 8) / 6));
    })
    .join("");

const sextets = (value: number, count: number): string => {
  let rest = value;
  let out = "";
  for (let index = 0; index < count; index += 1) {
    out += ALPHABET[rest & 0x3f] ?? "";
    rest >>= 6;
  }
  return out;
};

/** crypt(3) with MD5. */
export const md5Crypt = (password: string, salt: string): string => {
  checkSalt(salt, 8);
  const key = Buffer.from(password, "utf8");
  const saltBytes = Buffer.from(salt, "latin1");
  const alternate = digestOf("md5", key, saltBytes, key);
  const parts = [key, Buffer.from("$1$"), saltBytes, stretched(alternate, key.length)];
  for (let bits = key.length; bits > 0; bits >>= 1) {
    parts.push((bits & 1) === 1 ? Buffer.from([0]) : key.subarray(0, 1));
  }
  let digest = digestOf("md5", ...parts);
  for (let round = 0; round < 1000; round += 1) {
    const odd = round % 2 === 1;
    const input = [odd ? key : digest];
    if (round % 3 !== 0) input.push(saltBytes);
    if (round % 7 !== 0) input.push(key);
    input.push(odd ? digest : key);
    digest = digestOf("md5", ...input);
  }
  const order = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5], [11]];
  return `$1$${salt}$${encode(digest, order)}`;
};
