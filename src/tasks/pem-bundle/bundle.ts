import { createPrivateKey, type KeyObject, type X509Certificate } from "node:crypto";
import { certificatesIn, isSelfSigned, subjectText, validityFault } from "../certificates/certificate.ts";

/** The texts that a bundle is made from. */
export interface BundleSources {
  readonly key: string;
  readonly cert: string;
  readonly chain: string;
  readonly passphrase: string | null;
}

/** A bundle, or why there cannot be one. */
export type Bundled =
  | {
      readonly kind: "bundle";
      readonly content: Buffer;
      /** The certificate that the key is for, then those that vouch for it, one after the other. */
      readonly certificates: readonly [X509Certificate, ...X509Certificate[]];
    }
  | { readonly kind: "fault"; readonly reason: string };

/**
 * One PEM as HAProxy reads it: the certificate that fits the key, its chain in the order of issuing without the root,
 * then the key without a passphrase.
 */
export const bundle = (sources: BundleSources): Bundled => {
  const key = readKey(sources.key, sources.passphrase);
  if (typeof key === "string") return fault(key);
  const given = certificatesIn(`${sources.cert}\n${sources.chain}`);
  if (given === null) return fault("a certificate cannot be read: its PEM is damaged");
  if (given.length === 0) return fault("there is no certificate: expected -----BEGIN CERTIFICATE-----");
  const leaf = given.find((certificate) => certificate.checkPrivateKey(key));
  if (leaf === undefined) {
    return fault(`the key does not belong to the certificate of ${given.map(subjectText).join(" or ")}`);
  }
  const chain = orderChain(leaf, given);
  if (typeof chain === "string") return fault(chain);
  const certificates = [leaf, ...chain] as const;
  const text = [...certificates.map((certificate) => certificate.toString()), exported(key)]
    .map((block) => `${block.trim()}\n`)
    .join("");
  return { kind: "bundle", content: Buffer.from(text), certificates };
};

/** Why a certificate of the bundle is not valid at a moment (seconds since the epoch), or null. */
export const bundleValidityFault = (certificates: readonly X509Certificate[], now: number): string | null =>
  certificates.map((certificate) => validityFault(certificate, now)).find((reason) => reason !== null) ??
  null;

const fault = (reason: string): Bundled => ({ kind: "fault", reason });

const KEY_BLOCK = /-----BEGIN ((?:RSA |EC |DSA |ENCRYPTED )?PRIVATE KEY)-----[\s\S]+?-----END \1-----/g;

const readKey = (pem: string, passphrase: string | null): KeyObject | string => {
  const blocks = pem.match(KEY_BLOCK) ?? [];
  const [block] = blocks;
  if (block === undefined) return "there is no private key: expected -----BEGIN PRIVATE KEY-----";
  if (blocks.length > 1) return "there is more than one private key";
  const encrypted = /BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(block);
  if (encrypted && passphrase === null) return "the private key is encrypted: passphrase opens it";
  try {
    return createPrivateKey({
      key: block,
      format: "pem",
      ...(encrypted ? { passphrase: passphrase ?? "" } : {}),
    });
  } catch {
    return encrypted
      ? "the passphrase does not open the private key"
      : "the private key cannot be read: its PEM is damaged";
  }
};

const exported = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();

/** From the leaf upwards; a text says why the given certificates are no chain. */
const orderChain = (
  leaf: X509Certificate,
  given: readonly X509Certificate[],
): readonly X509Certificate[] | string => {
  const unused = new Map(given.map((certificate) => [certificate.fingerprint256, certificate]));
  unused.delete(leaf.fingerprint256);
  const chain: X509Certificate[] = [];
  let last = leaf;
  while (!isSelfSigned(last)) {
    const subject = last;
    const issuer = [...unused.values()].find(
      (candidate) => subject.checkIssued(candidate) && subject.verify(candidate.publicKey),
    );
    if (issuer === undefined) break;
    unused.delete(issuer.fingerprint256);
    if (!isSelfSigned(issuer)) chain.push(issuer);
    last = issuer;
  }
  // Clients have the roots; one that is given although nothing here needs it does no harm either.
  const strangers = [...unused.values()].filter((certificate) => !isSelfSigned(certificate));
  if (strangers.length === 0) return chain;
  return `the chain has a gap: ${subjectText(last)} was issued by ${last.issuer.split("\n").join(", ")}, which is not among the given certificates, and ${strangers.map(subjectText).join(" and ")} cannot be reached`;
};
