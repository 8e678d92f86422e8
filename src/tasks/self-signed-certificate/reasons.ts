import { createPublicKey, type KeyObject, type X509Certificate } from "node:crypto";
import {
  alternativeName,
  alternativeNames,
  commonName,
  isoTime,
  validity,
} from "../certificates/certificate.ts";
import type { SelfSignedParams } from "./schema.ts";

/** Bits of a key where the task does not say. */
export const keySize = ({ key_type, key_size }: SelfSignedParams): number =>
  key_size ?? (key_type === "ecc" ? 256 : 2048);

/** The names that the certificate shall hold, in the form that can be compared. */
export const wantedNames = ({ common_name, subject_alt_names }: SelfSignedParams): readonly string[] => [
  ...new Set((subject_alt_names.length === 0 ? [common_name] : subject_alt_names).map(alternativeName)),
];

/** Why a new key is needed, or null. */
export const keyReason = (params: SelfSignedParams, publicKey: string | null): string | null => {
  const key = publicKey === null ? null : readPublicKey(publicKey);
  if (key === null) return "there is no usable key";
  const present = kindOf(key);
  const wanted = `${params.key_type} ${keySize(params)}`;
  return present === wanted ? null : `the key is ${present}, not ${wanted}`;
};

const readPublicKey = (pem: string): KeyObject | null => {
  try {
    return createPublicKey(pem);
  } catch {
    return null;
  }
};

const CURVES: Readonly<Record<string, string>> = { prime256v1: "ecc 256", secp384r1: "ecc 384" };

const kindOf = (key: KeyObject): string => {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === "rsa") return `rsa ${modulusLength}`;
  return CURVES[namedCurve ?? ""] ?? namedCurve ?? key.asymmetricKeyType ?? "unknown";
};

/** What is known of a certificate that may have to be made anew. */
interface Present {
  readonly certificate: X509Certificate | null;
  readonly publicKey: string | null;
  /** Seconds since the epoch. */
  readonly now: number;
}

const DAY = 86_400;

/** Why the certificate has to be made anew; empty where it is right. */
export const certificateReasons = (
  params: SelfSignedParams,
  { certificate, publicKey, now }: Present,
): readonly string[] => {
  if (certificate === null) return ["there is no certificate"];
  const { from, to } = validity(certificate);
  const key = publicKey === null ? null : readPublicKey(publicKey);
  const names = [...alternativeNames(certificate)].sort();
  const wanted = [...wantedNames(params)].sort();
  return [
    ...(key !== null && !key.equals(certificate.publicKey) ? ["it does not belong to the key"] : []),
    ...(certificate.verify(certificate.publicKey) ? [] : ["it is not self-signed"]),
    ...(commonName(certificate) === params.common_name
      ? []
      : [`its CN is ${commonName(certificate) ?? "empty"}`]),
    ...(names.join() === wanted.join() ? [] : [`its names are ${names.join(", ") || "none"}`]),
    ...(now < from ? [`it is not valid before ${isoTime(from)}`] : []),
    ...(now > to ? [`it expired at ${isoTime(to)}`] : []),
    ...(now <= to && to - now < params.renew_before * DAY
      ? [`it has only ${Math.floor((to - now) / DAY)} days left`]
      : []),
  ];
};
