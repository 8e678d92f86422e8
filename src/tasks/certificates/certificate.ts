import { X509Certificate } from "node:crypto";
import type { Value } from "../../core/value.ts";

/** The certificates in a PEM text, in its order; null where one cannot be read. Other blocks are passed over. */
export const certificatesIn = (pem: string): readonly X509Certificate[] | null => {
  const blocks = pem.match(
    /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[\s\S]+?-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g,
  );
  try {
    return (blocks ?? []).map((block) => new X509Certificate(block));
  } catch {
    return null;
  }
};

/** A certificate's subject on one line: `CN=lb.example.com, O=Example`. */
export const subjectText = (certificate: X509Certificate): string => nameText(certificate.subject);

/** OpenSSL gives one attribute a line; a name without any is none at all. */
const nameText = (name: string | undefined): string => (name ?? "").split("\n").join(", ");

/** The last CN of the subject; null where there is none. */
export const commonName = (certificate: X509Certificate): string | null =>
  /^CN=(.*)$/m.exec(certificate.subject ?? "")?.[1] ?? null;

/** Its alternative names as `DNS:name` and `IP:address`, addresses in their shortest form. */
export const alternativeNames = (certificate: X509Certificate): readonly string[] =>
  (certificate.subjectAltName ?? "")
    .split(/,\s*/)
    .filter((name) => name !== "")
    .map((name) => alternativeName(name.replace(/^IP Address:/, "IP:")));

/** One alternative name in the form that can be compared; without a prefix it is an address if it looks like one. */
export const alternativeName = (name: string): string => {
  const prefix = /^(DNS|IP):/.exec(name)?.[1];
  const bare = name.replace(/^(DNS|IP):/, "");
  const kind = prefix ?? (/^\d{1,3}(\.\d{1,3}){3}$/.test(bare) || bare.includes(":") ? "IP" : "DNS");
  if (kind === "IP" && bare.includes(":") && URL.canParse(`http://[${bare}]/`)) {
    return `IP:${new URL(`http://[${bare}]/`).hostname.slice(1, -1)}`;
  }
  return /^[A-Za-z]+:/.test(name) && prefix === undefined
    ? name
    : `${kind}:${kind === "DNS" ? bare.toLowerCase() : bare}`;
};

/** When it ends and begins to be valid, in seconds since the epoch. */
export const validity = (certificate: X509Certificate): { readonly from: number; readonly to: number } => ({
  from: Date.parse(certificate.validFrom) / 1000,
  to: Date.parse(certificate.validTo) / 1000,
});

/** Signed by its own key: a root, or self-signed. */
export const isSelfSigned = (certificate: X509Certificate): boolean =>
  certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);

/** Why a certificate is not valid at a moment (seconds since the epoch), or null. */
export const validityFault = (certificate: X509Certificate, now: number): string | null => {
  const { from, to } = validity(certificate);
  if (now > to) return `the certificate of ${subjectText(certificate)} expired at ${isoTime(to)}`;
  if (now < from)
    return `the certificate of ${subjectText(certificate)} is not valid before ${isoTime(from)}`;
  return null;
};

/** Seconds since the epoch as `2026-01-31T12:00:00Z`. */
export const isoTime = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().replace(".000Z", "Z");

/** What `register` sees of a certificate. */
export const certificateValues = (certificate: X509Certificate): Readonly<Record<string, Value>> => {
  const { from, to } = validity(certificate);
  return {
    subject: subjectText(certificate),
    issuer: nameText(certificate.issuer),
    not_before: isoTime(from),
    not_after: isoTime(to),
    sha256: certificate.fingerprint256,
    san: alternativeNames(certificate),
  };
};
