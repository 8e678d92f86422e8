import type { HaproxyConfig, ProxySection } from "../../haproxy/config.ts";
import { namedFiles } from "../../haproxy/named-files.ts";
import type { CertificateFact } from "../../pair/facts.ts";
import { couples, eachHaproxyWithFacts, type Found, found } from "../each-node.ts";
import type { Example, Rule } from "../rule.ts";
import { type Bundle, bundlesOf, exampleCertificate, isSelfSigned } from "./bundles.ts";

const BIND = "frontend web\n    bind :443 ssl crt /etc/haproxy/site.pem\n";

/** A pair that serves these certificates. */
function serving(...certificates: readonly CertificateFact[]): Example {
  return {
    haproxy: { both: BIND },
    facts: { both: { certificates: new Map([["/etc/haproxy/site.pem", certificates]]) } },
  };
}

const DAY = 86_400_000;

/** Whoever renews by itself does so 30 days, or a third of the time, before the end; less than this says that it failed. */
const DAYS_LEFT = 14;

const expired: Rule = {
  id: "T04",
  severity: "error",
  title: "Certificates are valid, and will be for two weeks.",
  why: "Clients refuse the site from one second to the next; haproxy -c and HAProxy itself take an expired certificate.",
  source: "measured with HAProxy 2.6.12",
  fix: "Renew it, lay it down on every node and reload HAProxy.",
  bad: serving(exampleCertificate({ notAfter: Date.UTC(2025, 11, 31) })),
  good: serving(exampleCertificate()),
  check: (pair, { now }) =>
    eachHaproxyWithFacts(pair, (config, { certificates }) =>
      eachBundle(config, certificates, (all, { path, at }) =>
        all.flatMap((certificate): readonly Found[] => {
          const name = `${certificate.subject} in ${path}`;
          const days = Math.floor((certificate.notAfter - now) / DAY);
          if (certificate.notAfter <= now)
            return [found(at, `${name} expired on ${date(certificate.notAfter)}`)];
          if (certificate.notBefore > now)
            return [found(at, `${name} is not valid before ${date(certificate.notBefore)}`)];
          if (days >= DAYS_LEFT) return [];
          return [
            found(
              at,
              `${name} expires on ${date(certificate.notAfter)}, in ${days} ${days === 1 ? "day" : "days"}`,
              {
                severity: "warning",
              },
            ),
          ];
        }),
      ),
    ),
};

const date = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 10);

const eachBundle = (
  config: HaproxyConfig,
  certificates: ReadonlyMap<string, readonly CertificateFact[]> | null,
  look: (all: readonly CertificateFact[], bundle: Bundle) => readonly Found[],
): readonly Found[] =>
  bundlesOf(config, [...(certificates?.keys() ?? [])]).flatMap((bundle) =>
    look(certificates?.get(bundle.path) ?? [], bundle),
  );

const incomplete: Rule = {
  id: "T03",
  severity: "warning",
  title: "A bundle has the site's certificate, and then its intermediates in their order.",
  why: "Browsers often fetch a missing intermediate themselves, programs and phones do not: the site works for you and fails for others.",
  source:
    "RFC 8446, 4.4.2; measured with HAProxy 2.6.12, which checks nothing but the first certificate and the key",
  fix: "cat site.crt intermediate.crt site.key, each certificate behind the one that it has signed, without the root.",
  bad: serving(exampleCertificate({ issuerUrl: "http://ca.example.com/issuing.crt" })),
  good: serving(
    exampleCertificate({ issuerUrl: "http://ca.example.com/issuing.crt" }),
    exampleCertificate({
      subject: "CN=Example Issuing CA",
      issuer: "CN=Example Root CA",
      ca: true,
      spki: "b".repeat(64),
    }),
  ),
  check: (pair) =>
    eachHaproxyWithFacts(pair, (config, { certificates }) => {
      if (config.global.some(({ keyword }) => keyword === "issuers-chain-path")) return [];
      const clients = new Set(
        namedFiles(config).flatMap(({ kind, path }) => (kind === "client-certificate" ? [path] : [])),
      );
      return eachBundle(config, certificates, (all, { path, at }) => {
        const [first, second] = all;
        if (first === undefined || clients.has(path) || isSelfSigned(first)) return [];
        if (second === undefined) {
          if (first.issuerUrl === null) return [];
          return [
            found(at, `${path} has ${first.subject} alone: its intermediate ${first.issuer} is missing`),
          ];
        }
        const gap = all.findIndex((certificate, index) => {
          const next = all[index + 1];
          return next !== undefined && certificate.issuer !== next.subject;
        });
        const [before, behind] = [all[gap], all[gap + 1]];
        if (gap === -1 || before === undefined || behind === undefined) return [];
        return [
          found(
            at,
            `in ${path} ${behind.subject} follows ${before.subject}, which ${before.issuer} has signed`,
          ),
        ];
      });
    }),
};

const weak: Rule = {
  id: "T07",
  severity: "warning",
  title: "Keys and signatures are as strong as clients ask for.",
  why: "RSA below 2048 bits and signatures with SHA-1 or MD5 are refused by browsers and by OpenSSL 3.",
  source: "CA/Browser Forum baseline requirements, 6.1.5; OpenSSL 3, security level 1 and 2",
  fix: "Have the certificate made anew with RSA 2048 or P-256, signed with SHA-256.",
  bad: serving(exampleCertificate({ keyBits: 1024 })),
  good: serving(exampleCertificate({ keyBits: 2048 })),
  check: (pair) =>
    eachHaproxyWithFacts(pair, (config, { certificates }) =>
      eachBundle(config, certificates, (all, { path, at }) =>
        all.flatMap((certificate): readonly Found[] => {
          const { subject, keyType, keyBits, signature } = certificate;
          const short =
            (keyType === "rsa" && keyBits > 0 && keyBits < 2048) ||
            (keyType === "ec" && keyBits > 0 && keyBits < 256);
          return [
            ...(short
              ? [found(at, `the key of ${subject} in ${path} has ${keyBits} bits (${keyType})`)]
              : []),
            ...(/sha1|md5/i.test(signature) && !isSelfSigned(certificate)
              ? [found(at, `${subject} in ${path} is signed with ${signature}`)]
              : []),
          ];
        }),
      ),
    ),
};

/** Names that no public authority signs, so that a certificate of one's own is what there can be. */
const PRIVATE =
  /(^|\.)(example|test|invalid|localhost|local|internal|lan|home|corp|intranet|home\.arpa|example\.(com|net|org))$/i;

const ownSignature: Rule = {
  id: "T08",
  severity: "warning",
  title: "A public name has a certificate that clients trust.",
  why: "A self-signed one is refused, or teaches people to pass over warnings.",
  source: "RFC 5280, 6",
  fix: "Get one from an authority that the clients know.",
  bad: serving(
    exampleCertificate({
      subject: "CN=shop.acme.eu",
      issuer: "CN=shop.acme.eu",
      names: ["DNS:shop.acme.eu"],
    }),
  ),
  good: serving(exampleCertificate()),
  check: (pair) =>
    eachHaproxyWithFacts(pair, (config, { certificates }) =>
      eachBundle(config, certificates, ([first], { path, at }) => {
        const name =
          first === undefined
            ? undefined
            : hostNames(first).find((one) => one.includes(".") && !PRIVATE.test(one));
        if (first === undefined || !isSelfSigned(first) || name === undefined) return [];
        return [found(at, `the certificate of ${name} in ${path} is self-signed`)];
      }),
    ),
};

const hostNames = ({ names }: CertificateFact): readonly string[] =>
  names.flatMap((name) => (name.startsWith("DNS:") ? [name.slice(4).toLowerCase()] : []));

const otherNames: Rule = {
  id: "T06",
  severity: "warning",
  title: "The certificates name the hosts that the site serves.",
  why: "Clients compare the name that they asked for with the certificate's alternative names, and nothing else: the CN alone has not counted since 2017.",
  source: "RFC 6125, 6.4; RFC 2818",
  fix: "Have a certificate made that names them, or add the one that does to the bind line.",
  bad: serving(exampleCertificate({ names: [] })),
  good: serving(exampleCertificate()),
  check: (pair) =>
    eachHaproxyWithFacts(pair, (config, { certificates }) => [
      ...eachBundle(config, certificates, ([first], { path, at }) =>
        first === undefined || first.ca || first.names.length > 0
          ? []
          : [
              found(
                at,
                `${first.subject} in ${path} has no alternative names: no client takes it for its host`,
              ),
            ],
      ),
      ...config.proxies.flatMap((proxy) => uncovered(config, proxy, certificates)),
    ]),
};

/** Hosts that a TLS frontend's rules tell apart and that none of its certificates names. */
const uncovered = (
  config: HaproxyConfig,
  proxy: ProxySection,
  certificates: ReadonlyMap<string, readonly CertificateFact[]> | null,
): readonly Found[] => {
  const tls = proxy.binds.filter(({ options }) => options.has("ssl"));
  if (certificates === null || tls.length === 0 || tls.length < proxy.binds.length) return [];
  if (tls.some(({ options }) => options.has("crt-list"))) return [];
  const only: HaproxyConfig = { ...config, proxies: [{ ...proxy, servers: [] }] };
  const names = bundlesOf(only, [...certificates.keys()]).flatMap(({ path }) =>
    hostNames(certificates.get(path)?.[0] ?? exampleCertificate({ names: [] })),
  );
  if (names.length === 0) return [];
  return proxy.directives.flatMap((directive) => {
    const [, criterion, ...values] = directive.words.map(({ text }) => text);
    if (directive.keyword !== "acl" || !/^((req\.)?hdr\(host\)|ssl_fc_sni)$/i.test(values[0] ?? ""))
      return [];
    const hosts = values
      .slice(1)
      .filter((value) => /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(value) && !/^\d+(\.\d+){3}$/.test(value));
    return hosts
      .filter((host) => !names.some((name) => covers(name, host.toLowerCase())))
      .map((host) =>
        found(
          directive.at,
          `${proxy.kind} ${proxy.name} serves ${host} (ACL ${criterion}), which none of its certificates names`,
        ),
      );
  });
};

const covers = (name: string, host: string): boolean =>
  name === host || (name.startsWith("*.") && host.slice(host.indexOf(".")) === name.slice(1));

const otherCertificates: Rule = {
  id: "X42",
  severity: "error",
  title: "The nodes serve the same certificates.",
  why: "After a takeover clients see another certificate: an older one, one of another name, or one that pinned clients refuse.",
  source: "RFC 7469, on pins; seen where a renewal reached one node only",
  fix: "Lay the renewed bundle down on every node and reload HAProxy there.",
  bad: {
    haproxy: { both: BIND },
    facts: {
      lb1: serving(exampleCertificate()).facts?.both ?? {},
      lb2: serving(exampleCertificate({ notAfter: Date.UTC(2026, 1, 1) })).facts?.both ?? {},
    },
  },
  good: serving(exampleCertificate()),
  check: (pair) =>
    couples(pair).flatMap(([left, right]) => {
      const config = left.haproxy;
      const [mine, theirs] = [left.facts?.certificates ?? null, right.facts?.certificates ?? null];
      if (config === null || mine === null || theirs === null) return [];
      return bundlesOf(config, [...mine.keys()]).flatMap(({ path, at }) => {
        const [one] = mine.get(path) ?? [];
        const [other] = theirs.get(path) ?? [];
        // Each node's own, made by itself: T08 says what there is to say.
        if (one === undefined || other === undefined || (isSelfSigned(one) && isSelfSigned(other))) return [];
        if (one.spki === other.spki && one.notAfter === other.notAfter) return [];
        const text = (certificate: CertificateFact): string =>
          `${certificate.subject} until ${date(certificate.notAfter)}`;
        const difference =
          text(one) === text(other)
            ? `of ${one.subject} has another key on ${right.name} than on ${left.name}`
            : `is ${text(one)} on ${left.name} and ${text(other)} on ${right.name}`;
        return [
          {
            nodes: [left.name, right.name],
            at,
            message: `the certificate in ${path} ${difference}`,
            fix: null,
          },
        ];
      });
    }),
};

/** What the certificates themselves say. */
export const tlsCertificates: readonly Rule[] = [
  otherCertificates,
  incomplete,
  expired,
  otherNames,
  weak,
  ownSignature,
];
