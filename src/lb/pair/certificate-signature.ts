/** Algorithms by the DER of their object identifiers, in hex. */
const ALGORITHMS: ReadonlyMap<string, string> = new Map([
  ["2a864886f70d010104", "md5WithRSAEncryption"],
  ["2a864886f70d010105", "sha1WithRSAEncryption"],
  ["2a864886f70d01010a", "rsassaPss"],
  ["2a864886f70d01010b", "sha256WithRSAEncryption"],
  ["2a864886f70d01010c", "sha384WithRSAEncryption"],
  ["2a864886f70d01010d", "sha512WithRSAEncryption"],
  ["2a8648ce3d0401", "ecdsa-with-SHA1"],
  ["2a8648ce3d040302", "ecdsa-with-SHA256"],
  ["2a8648ce3d040303", "ecdsa-with-SHA384"],
  ["2a8648ce3d040304", "ecdsa-with-SHA512"],
  ["2b6570", "ed25519"],
  ["2b6571", "ed448"],
]);

/** A part of DER: where its content begins and ends. */
interface Part {
  readonly from: number;
  readonly until: number;
}

/** What a certificate (DER, RFC 5280 4.1) is signed with, which Node 20 does not tell; empty where it is none of the known. */
export const signatureOf = (der: Buffer): string => {
  const certificate = partAt(der, 0);
  const signed = partAt(der, certificate.from);
  const algorithm = partAt(der, signed.until);
  const identifier = partAt(der, algorithm.from);
  return ALGORITHMS.get(der.toString("hex", identifier.from, identifier.until)) ?? "";
};

const partAt = (der: Buffer, at: number): Part => {
  const first = der[at + 1] ?? 0;
  if (first < 0x80) return { from: at + 2, until: at + 2 + first };
  const bytes = Math.min(first & 0x7f, 6);
  const from = at + 2 + bytes;
  return bytes === 0 || from > der.length
    ? { from: der.length, until: der.length }
    : { from, until: from + der.readUIntBE(at + 2, bytes) };
};
