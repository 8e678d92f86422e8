import { namedFiles } from "../../haproxy/named-files.ts";
import type { FileFact } from "../../pair/facts.ts";
import { eachHaproxy, eachHaproxyWithFacts, type Found, found } from "../each-node.ts";
import type { Rule } from "../rule.ts";
import { allBinds } from "./addresses.ts";
import { bundlesOf, exampleCertificate } from "./bundles.ts";

const BIND = "frontend web\n    bind :443 ssl crt /etc/haproxy/site.pem\n";
const PEM = "/etc/haproxy/site.pem";

function pem(mode: number, owner = "root"): ReadonlyMap<string, FileFact> {
  return new Map([[PEM, { kind: "file", mode, owner, group: owner, digest: null, text: null }]]);
}

const KEY = new Map([[PEM, { file: PEM, encrypted: false, spki: "a".repeat(64) }]]);

const readableKey: Rule = {
  id: "T01",
  severity: "error",
  title: "Only root reads the private keys.",
  why: "Whoever reads the key is the site. HAProxy reads it as root before it becomes its own user, which needs no right to it.",
  source: "HAProxy's configuration manual, crt; management guide, 13",
  fix: "chown root:root and chmod 600 the file.",
  bad: { haproxy: { both: BIND }, facts: { both: { files: pem(0o644), keys: KEY } } },
  good: { haproxy: { both: BIND }, facts: { both: { files: pem(0o600), keys: KEY } } },
  check: (pair) =>
    eachHaproxyWithFacts(pair, (config, { files, keys }) =>
      (files === null || keys === null ? [] : bundlesOf(config, [...keys.keys()])).flatMap(
        ({ path: bundle, at }): readonly Found[] => {
          const path = keys?.get(bundle)?.file ?? bundle;
          const file = files?.get(path) ?? null;
          if (file === null || file.kind !== "file") return [];
          const mode = `0${file.mode.toString(8)}`;
          if ((file.mode & 0o004) !== 0)
            return [found(at, `every user of the node can read the private key in ${path} (mode ${mode})`)];
          if ((file.mode & 0o022) !== 0)
            return [found(at, `${path} can be overwritten by others than its owner (mode ${mode})`)];
          if (file.owner === "root") return [];
          return [
            found(
              at,
              `the private key in ${path} belongs to ${file.owner}: whoever takes HAProxy over owns it too`,
              { severity: "warning" },
            ),
          ];
        },
      ),
    ),
};

const wrongKey: Rule = {
  id: "T02",
  severity: "error",
  title: "A certificate comes with its own key, and the site's certificate is the first of its file.",
  why: "HAProxy refuses a bundle whose first certificate is not that of the key: the next reload keeps the old one, the next start fails.",
  source: "HAProxy 2.6.12: inconsistencies between private key and certificate, fatal",
  fix: "Put the site's certificate first, its intermediates behind it, and the key that belongs to it: cat site.crt chain.crt site.key.",
  bad: {
    haproxy: { both: BIND },
    facts: {
      both: { keys: KEY, certificates: new Map([[PEM, [exampleCertificate({ spki: "b".repeat(64) })]]]) },
    },
  },
  good: {
    haproxy: { both: BIND },
    facts: {
      both: { keys: KEY, certificates: new Map([[PEM, [exampleCertificate({ spki: "a".repeat(64) })]]]) },
    },
  },
  check: (pair) =>
    eachHaproxyWithFacts(pair, (config, { keys, certificates }) =>
      bundlesOf(config, [...(keys?.keys() ?? [])]).flatMap(({ path, at }) => {
        const key = keys?.get(path)?.spki ?? null;
        const all = certificates?.get(path) ?? [];
        const [first] = all;
        if (key === null || first === undefined || first.spki === key) return [];
        const right = all.findIndex(({ spki }) => spki === key);
        return [
          found(
            at,
            right === -1
              ? `the key in ${path} is not that of the certificate of ${first.subject}`
              : `the first certificate in ${path} is ${first.subject}, the key's is number ${right + 1}`,
          ),
        ];
      }),
    ),
};

const lockedKey: Rule = {
  id: "T05",
  severity: "error",
  title: "HAProxy can read its keys without a pass phrase.",
  why: "It asks for it at a terminal that a service does not have: checks hang, and the service does not start.",
  source: "measured with HAProxy 2.6.12",
  fix: "openssl pkey -in site.key -out site.key.plain, under umask 077.",
  bad: {
    haproxy: { both: BIND },
    facts: { both: { keys: new Map([[PEM, { file: PEM, encrypted: true, spki: null }]]) } },
  },
  good: { haproxy: { both: BIND }, facts: { both: { keys: KEY } } },
  check: (pair) =>
    eachHaproxyWithFacts(pair, (config, { keys }) =>
      bundlesOf(config, [...(keys?.keys() ?? [])]).flatMap(({ path, at }) =>
        keys?.get(path)?.encrypted === true ? [found(at, `the key in ${path} is encrypted`)] : [],
      ),
    ),
};

/** What editors and package managers leave behind, and what is no bundle: HAProxy loads every file of the directory. */
const LEFT_BEHIND =
  /(\.(bak|old|orig|save|swp|csr|txt|md|dpkg-\w+|rpm(save|new|orig)|lbplay-\w+)|~|^README.*)$/i;

const leftovers: Rule = {
  id: "T10",
  severity: "warning",
  title: "A directory of certificates holds nothing else.",
  why: "HAProxy loads every file in it that does not begin with a dot: a left-over is loaded too, or ends the start; the first one by the alphabet is shown to clients without a name.",
  source: "HAProxy's configuration manual, crt",
  fix: "Move what is no bundle elsewhere, and name the default certificate first: crt /etc/haproxy/default.pem crt /etc/haproxy/certs.",
  bad: {
    haproxy: { both: "frontend web\n    bind :443 ssl crt /etc/haproxy/certs\n" },
    facts: { both: { directories: new Map([["/etc/haproxy/certs", ["www.pem", "www.pem.bak"]]]) } },
  },
  good: {
    haproxy: { both: "frontend web\n    bind :443 ssl crt /etc/haproxy/certs\n" },
    facts: { both: { directories: new Map([["/etc/haproxy/certs", ["www.pem"]]]) } },
  },
  check: (pair) =>
    eachHaproxyWithFacts(pair, (config, { directories }) =>
      namedFiles(config)
        .filter(({ kind }) => kind === "certificate")
        .flatMap(({ path, at }) =>
          (directories?.get(path) ?? [])
            .filter((name) => !name.startsWith(".") && LEFT_BEHIND.test(name))
            .map((name) =>
              found(at, `HAProxy loads ${path.replace(/\/$/, "")}/${name} as a certificate too`),
            ),
        ),
    ),
};

const relative: Rule = {
  id: "T11",
  severity: "warning",
  title: "A certificate is found wherever HAProxy was started.",
  why: "A relative path is looked up in the directory that HAProxy was started in, which is / under systemd and yours in a check by hand.",
  source: "HAProxy's configuration manual, crt-base and ca-base",
  fix: "Write the whole path, or set crt-base and ca-base.",
  bad: { haproxy: { both: "frontend web\n    bind :443 ssl crt site.pem\n" } },
  good: {
    haproxy: {
      both: "global\n    crt-base /etc/haproxy/certs\nfrontend web\n    bind :443 ssl crt site.pem\n",
    },
  },
  check: (pair) =>
    eachHaproxy(pair, (config) => {
      if (config.global.some(({ keyword }) => keyword === "default-path")) return [];
      return namedFiles(config)
        .filter(({ path, kind }) => !path.startsWith("/") && kind !== "map")
        .map(({ path, at }) => found(at, `${path} is relative to the directory that HAProxy was started in`));
    }),
};

const oldVersions: Rule = {
  id: "T09",
  severity: "warning",
  title: "Clients get TLS 1.2 or newer.",
  why: "TLS 1.0 and 1.1 were withdrawn in 2021; no-sslv3 alone leaves them on in HAProxy before 2.2.",
  source: "RFC 8996; HAProxy's configuration manual, ssl-min-ver",
  fix: "ssl-default-bind-options ssl-min-ver TLSv1.2 in global (before HAProxy 1.8: no-sslv3 no-tlsv10 no-tlsv11).",
  bad: {
    haproxy: { both: "frontend web\n    bind :443 ssl crt /etc/haproxy/site.pem ssl-min-ver TLSv1.0\n" },
  },
  good: {
    haproxy: { both: "frontend web\n    bind :443 ssl crt /etc/haproxy/site.pem ssl-min-ver TLSv1.2\n" },
  },
  check: (pair) =>
    eachHaproxy(pair, (config, { facts }) => {
      const version = facts?.haproxy?.version ?? null;
      const modern = version === null || version[0] > 2 || (version[0] === 2 && version[1] >= 2);
      const general = config.global
        .filter(({ keyword }) => keyword === "ssl-default-bind-options")
        .flatMap(({ args }) => args.map(({ text }) => text));
      return allBinds(config)
        .filter(({ bind }) => bind.options.has("ssl"))
        .flatMap(({ bind, proxy }) => {
          const own = [...bind.options].flatMap(([name, values]) => [
            name,
            ...values.map(({ text }) => text),
          ]);
          const said = oldestOf(own) ?? oldestOf(general);
          // Who wrote only this had a version in mind that needed more.
          const guessed = version === null && [...own, ...general].includes("no-sslv3");
          const oldest = said ?? (modern && !guessed ? null : "TLSv1.0");
          if (oldest === null || !/^(SSLv3|TLSv1\.[01])$/.test(oldest)) return [];
          const condition = said === null && guessed ? " where HAProxy is older than 2.2" : "";
          return [found(bind.at, `${proxy.kind} ${proxy.name} accepts ${oldest}${condition}`)];
        });
    }),
};

/** The oldest version that options allow; null where they say nothing of it. */
const oldestOf = (options: readonly string[]): string | null => {
  const minimum = options[options.indexOf("ssl-min-ver") + 1];
  if (options.includes("ssl-min-ver") && minimum !== undefined) return minimum;
  const forced = options
    .map((option) => /^force-tlsv1([0-3])$/.exec(option)?.[1])
    .find((digit) => digit !== undefined);
  if (forced !== undefined) return `TLSv1.${forced}`;
  if (!options.includes("no-tlsv10") && !options.includes("no-tlsv11")) return null;
  if (!options.includes("no-tlsv10")) return "TLSv1.0";
  return options.includes("no-tlsv11") ? "TLSv1.2" : "TLSv1.1";
};

/** Keys, bundles and the versions of TLS. */
export const tlsFiles: readonly Rule[] = [readableKey, wrongKey, lockedKey, oldVersions, leftovers, relative];
