import { createHash } from "node:crypto";

/** A public key of OpenPGP, as far as package managers care. */
export interface PublicKey {
  /** 40 upper-case hexadecimal digits; the last 16 are the key's id, the last 8 its short id. */
  readonly fingerprint: string;
  /** `Demo <demo@example.com>`; empty where none is there. */
  readonly userId: string;
}

/** The key of each armored block of a text, in order; a block that holds no key of version 4 counts as null. */
export const publicKeys = (text: string): readonly (PublicKey | null)[] =>
  [...text.matchAll(ARMOR)].map(([, body = ""]) =>
    firstKey(packetsOf(Buffer.from(base64Of(body), "base64"))),
  );

/** The first key of a file, armored or binary; null where it holds none of version 4. */
export const keyIn = (bytes: Buffer): PublicKey | null => {
  const text = bytes.toString("latin1");
  return text.includes("-----BEGIN PGP PUBLIC KEY BLOCK-----")
    ? (publicKeys(text).find((key) => key !== null) ?? null)
    : firstKey(packetsOf(bytes));
};

const ARMOR =
  /^-----BEGIN PGP PUBLIC KEY BLOCK-----[ \t]*\r?\n([\s\S]*?)^-----END PGP PUBLIC KEY BLOCK-----/gm;

/** Armor headers end with an empty line; the checksum after `=` at the start of a line is not looked at. */
const base64Of = (body: string): string => {
  const lines = body.split(/\r?\n/).map((line) => line.trim());
  const start = lines.indexOf("");
  return lines
    .slice(start + 1)
    .filter((line) => !line.startsWith("="))
    .join("");
};

interface Packet {
  readonly tag: number;
  readonly body: Buffer;
}

const PUBLIC_KEY = 6;
const USER_ID = 13;

const firstKey = (packets: readonly Packet[]): PublicKey | null => {
  const key = packets.find(({ tag }) => tag === PUBLIC_KEY);
  if (key === undefined || key.body[0] !== 4) return null;
  const head = Buffer.from([0x99, key.body.length >> 8, key.body.length & 0xff]);
  return {
    fingerprint: createHash("sha1").update(head).update(key.body).digest("hex").toUpperCase(),
    userId: packets.find(({ tag }) => tag === USER_ID)?.body.toString("utf8") ?? "",
  };
};

/** RFC 9580, section 4.2; ends where the bytes make no sense. Keys never have lengths of unknown or partial size. */
const packetsOf = (bytes: Buffer): readonly Packet[] => {
  const packets: Packet[] = [];
  let at = 0;
  while (at < bytes.length) {
    const head = headerAt(bytes, at);
    if (head === null || head.start + head.length > bytes.length) return packets;
    packets.push({ tag: head.tag, body: bytes.subarray(head.start, head.start + head.length) });
    at = head.start + head.length;
  }
  return packets;
};

interface Header {
  readonly tag: number;
  readonly start: number;
  readonly length: number;
}

const headerAt = (bytes: Buffer, at: number): Header | null => {
  const first = bytes[at] ?? 0;
  if ((first & 0x80) === 0) return null;
  return (first & 0x40) === 0 ? oldHeader(bytes, at, first) : newHeader(bytes, at, first & 0x3f);
};

const oldHeader = (bytes: Buffer, at: number, first: number): Header | null => {
  const size = [1, 2, 4][first & 3];
  if (size === undefined || at + 1 + size > bytes.length) return null;
  return { tag: (first >> 2) & 0xf, start: at + 1 + size, length: bytes.readUIntBE(at + 1, size) };
};

const newHeader = (bytes: Buffer, at: number, tag: number): Header | null => {
  const one = bytes[at + 1];
  if (one === undefined) return null;
  if (one < 192) return { tag, start: at + 2, length: one };
  if (one < 224) return { tag, start: at + 3, length: ((one - 192) << 8) + (bytes[at + 2] ?? 0) + 192 };
  if (one !== 255 || at + 6 > bytes.length) return null;
  return { tag, start: at + 6, length: bytes.readUInt32BE(at + 2) };
};
