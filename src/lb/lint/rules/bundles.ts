import type { Place } from "../../../core/error.ts";
import type { HaproxyConfig } from "../../haproxy/config.ts";
import { namedFiles } from "../../haproxy/named-files.ts";
import type { CertificateFact } from "../../pair/facts.ts";

/** A file with certificates or a key, and where the configuration names it, or the directory or list that it is in. */
export interface Bundle {
  readonly path: string;
  readonly at: Place;
}

/**
 * Those of the paths that a configuration's bind and server lines load. What only a crt-list names is shown at the list.
 */
export const bundlesOf = (config: HaproxyConfig, paths: readonly string[]): readonly Bundle[] => {
  const seen = new Set<string>();
  const lists = namedFiles(config).filter(({ kind }) => kind === "crt-list");
  const direct = namedFiles(config)
    .filter(({ kind }) => kind === "certificate" || kind === "client-certificate")
    .flatMap(({ path, at, kind }) =>
      paths
        .filter(
          (one) => one === path || (kind === "certificate" && one.startsWith(`${path.replace(/\/$/, "")}/`)),
        )
        .map((one) => ({ path: one, at })),
    );
  // Whatever else was found is there because a list names it.
  const [list] = lists;
  const known = new Set(direct.map(({ path }) => path));
  const listed =
    list === undefined ? [] : paths.filter((path) => !known.has(path)).map((path) => ({ path, at: list.at }));
  return [...direct, ...listed].filter(({ path }) => {
    if (seen.has(path)) return false;
    seen.add(path);
    return true;
  });
};

/** An ordinary certificate of www.example.com, for examples: of a public authority, valid all through their time. */
export const exampleCertificate = (other: Partial<CertificateFact> = {}): CertificateFact => ({
  subject: "CN=www.example.com",
  issuer: "CN=Example Issuing CA",
  names: ["DNS:www.example.com"],
  notBefore: Date.UTC(2025, 11, 1),
  notAfter: Date.UTC(2026, 5, 1),
  spki: "a".repeat(64),
  keyType: "rsa",
  keyBits: 2048,
  signature: "sha256WithRSAEncryption",
  ca: false,
  issuerUrl: null,
  ...other,
});

/** Signed by itself. */
export const isSelfSigned = ({ subject, issuer }: CertificateFact): boolean => subject === issuer;
