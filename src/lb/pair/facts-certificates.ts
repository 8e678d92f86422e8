import { createHash, X509Certificate } from "node:crypto";
import { map, type Probe, read } from "../../core/probe.ts";
import { quote } from "../../core/shell.ts";
import { frames, named, PUT, textOf } from "../live/frames.ts";
import { signatureOf } from "./certificate-signature.ts";
import type { CertificateFact, KeyFact, NodeFacts } from "./facts.ts";
import type { FactsWanted } from "./facts-wanted.ts";

/** Files that are looked at, those in directories and lists included. */
const MOST = 200;

/** Files beside a bundle that HAProxy loads with it, not by themselves. */
const BESIDE = "*.key|*.issuer|*.ocsp|*.sctl|*.dhparam";

/** Of a file only its certificates are sent, of a key only its public half, worked out on the node. */
const script = ({ bundles, crtLists, crtBase }: FactsWanted): string => `
${PUT}
command -v timeout >/dev/null || timeout() { shift; "$@"; }
bundles=$(
  for path in ${bundles.map(quote).join(" ")}; do
    if [ -d "$path" ]; then
      for file in "\${path%/}"/*; do case "$file" in ${BESIDE}) ;; *) [ ! -f "$file" ] || printf '%s\\n' "$file" ;; esac; done
    else printf '%s\\n' "$path"; fi
  done
  for list in ${crtLists.map(quote).join(" ")}; do
    sed -e 's/[[:space:]]*#.*//' -e 's/^[[:space:]]*//' -e 's/[[:space:]].*//' "$list" 2>/dev/null | while read -r path; do
      case "$path" in '') ;; /*) printf '%s\\n' "$path" ;; *) printf '%s\\n' ${quote(crtBase)}"$path" ;; esac
    done
  done)
for path in ${bundles.map(quote).join(" ")}; do
  [ ! -d "$path" ] || put "directory:$path" 0 "$(cd "$path" && ls)"
done
printf '%s\\n' "$bundles" | sort -u | head -n ${MOST} | while read -r path; do
  [ -f "$path" ] && [ -r "$path" ] || continue
  put "certificates:$path" 0 "$(awk '
    /-----BEGIN/ { inside = /-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/ }
    inside { print }
    /-----END/ { inside = 0 }' "$path")"
  for file in "$path" "$path.key" "\${path%.*}.key"; do
    [ -f "$file" ] && grep -q -e '-----BEGIN .*PRIVATE KEY-----' "$file" || continue
    encrypted=no; public=
    if grep -q -e 'BEGIN ENCRYPTED PRIVATE KEY' -e '^Proc-Type: 4,ENCRYPTED' "$file"; then encrypted=yes
    else public=$(timeout 5 openssl pkey -in "$file" -passin pass: -pubout 2>/dev/null </dev/null); fi
    put "key:$path" 0 "$encrypted $file
$public"
    break
  done
done
put done 0 ""`;

/** The certificates of a node's bundles, their keys' public halves, and what is in directories of bundles. */
export const certificateFacts = (
  wanted: FactsWanted,
): Probe<Pick<NodeFacts, "certificates" | "keys" | "directories">> =>
  map(read(script(wanted), frames), (all) => {
    if (textOf(all, "done") === null) return { certificates: null, keys: null, directories: null };
    return {
      certificates: new Map(named(all, "certificates").map(({ name, text }) => [name, certificatesOf(text)])),
      keys: new Map(named(all, "key").flatMap(({ name, text }) => keyOf(name, text))),
      directories: new Map(
        named(all, "directory").map(({ name, text }) => [
          name,
          text === "" ? [] : text.split("\n").toSorted(),
        ]),
      ),
    };
  });

/** The certificates in a PEM text; what cannot be read is left out. */
export const certificatesOf = (pem: string): readonly CertificateFact[] =>
  [...pem.matchAll(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g)].flatMap(([block]) => {
    try {
      return [certificateOf(new X509Certificate(block))];
    } catch {
      return [];
    }
  });

const certificateOf = (certificate: X509Certificate): CertificateFact => {
  const { publicKey } = certificate;
  return {
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    names: (certificate.subjectAltName ?? "")
      .split(/,\s*/)
      .filter((name) => name !== "")
      .map((name) => name.replace(/^IP Address:/, "IP:")),
    notBefore: Date.parse(certificate.validFrom),
    notAfter: Date.parse(certificate.validTo),
    spki: digestOf(publicKey.export({ type: "spki", format: "der" })),
    keyType: publicKey.asymmetricKeyType ?? "",
    keyBits:
      publicKey.asymmetricKeyDetails?.modulusLength ?? curveBits(publicKey.asymmetricKeyDetails?.namedCurve),
    signature: signatureOf(certificate.raw),
    ca: certificate.ca,
    issuerUrl: /^CA Issuers - URI:(.*)$/m.exec(certificate.infoAccess ?? "")?.[1] ?? null,
  };
};

/** OpenSSL gives one attribute a line; a name without any is none at all. */
const oneLine = (name: string | undefined): string => (name ?? "").split("\n").join(", ");

const digestOf = (der: Buffer): string => createHash("sha256").update(der).digest("hex");

const curveBits = (curve: string | undefined): number => Number(/(\d{3})/.exec(curve ?? "")?.[1] ?? 0);

const keyOf = (path: string, text: string): readonly (readonly [string, KeyFact])[] => {
  const [, encrypted, file, pem = ""] = /^(yes|no) ([^\n]+)\n?([\s\S]*)$/.exec(text) ?? [];
  if (file === undefined) return [];
  const body = /-----BEGIN PUBLIC KEY-----([^-]+)-----END/.exec(pem)?.[1];
  return [
    [
      path,
      {
        file,
        encrypted: encrypted === "yes",
        spki: body === undefined ? null : digestOf(Buffer.from(body, "base64")),
      },
    ],
  ];
};
