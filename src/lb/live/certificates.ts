import { X509Certificate } from "node:crypto";
import type { LiveCertificate } from "./state.ts";

/** The certificates in a list of files: `file PATH`, then the certificates of its PEM blocks. What is none is left out. */
export const certificatesOf = (text: string): readonly LiveCertificate[] =>
  text
    .split(/^file /m)
    .slice(1)
    .flatMap((part) => {
      const end = part.indexOf("\n");
      const path = end === -1 ? part : part.slice(0, end);
      const found = [...part.matchAll(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g)].flatMap(([pem]) =>
        parsed(pem),
      );
      const leaf = found[0];
      if (leaf === undefined) return [];
      const notAfter = Math.min(...found.map(({ validTo }) => Date.parse(validTo)));
      return [{ path, subject: leaf.subject.replaceAll("\n", ", "), notAfter }];
    });

const parsed = (pem: string): readonly X509Certificate[] => {
  try {
    return [new X509Certificate(pem)];
  } catch {
    return [];
  }
};
