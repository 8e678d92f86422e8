import type { ConfigLine, PartChange } from "../config-diff.ts";
import { diffHaproxy } from "../haproxy/diff.ts";
import { diffKeepalived } from "../keepalived/diff.ts";
import { hidden, individual, plainText } from "./individual.ts";
import type { DriftNode } from "./node.ts";

/** Something in which two nodes of a pair differ and should not. */
export interface Difference {
  readonly kind: "config" | "file" | "certificate" | "version" | "kernel" | "unit";
  /** `haproxy.cfg, frontend web`; `/etc/haproxy/errors/503.http, mode`; `net.ipv4.ip_nonlocal_bind`. */
  readonly what: string;
  /** What each of the two nodes has of it, line by line; empty: nothing. Passwords are not in it. */
  readonly values: readonly { readonly node: string; readonly lines: readonly string[] }[];
}

/** In what the other nodes of a pair differ from its first; a node that was not reached is not among them. */
export const pairDrift = (nodes: readonly DriftNode[]): readonly Difference[] => {
  const [first, ...others] = nodes;
  return first === undefined ? [] : others.flatMap((other) => between(first, other, nodes));
};

const between = (left: DriftNode, right: DriftNode, all: readonly DriftNode[]): readonly Difference[] => [
  ...configDifferences(left, right, all),
  ...fileDifferences(left, right),
  ...certificateDifferences(left, right),
  ...factDifferences(left, right),
];

const difference =
  (left: DriftNode, right: DriftNode) =>
  (kind: Difference["kind"], what: string, one: readonly string[], other: readonly string[]): Difference => ({
    kind,
    what,
    values: [
      { node: left.name, lines: one },
      { node: right.name, lines: other },
    ],
  });

const configDifferences = (
  left: DriftNode,
  right: DriftNode,
  all: readonly DriftNode[],
): readonly Difference[] => {
  const told = difference(left, right);
  const parts = (
    file: string,
    one: boolean,
    other: boolean,
    changes: () => readonly PartChange[],
  ): readonly Difference[] => {
    if (!one || !other)
      return one === other
        ? []
        : [told("config", file, one ? ["it is there"] : [], other ? ["it is there"] : [])];
    return changes().flatMap((change) => {
      const removed = lasting(change.removed, change.added, left, right, all);
      const added = lasting(change.added, change.removed, right, left, all);
      // An order is lost where lines were taken out because they are meant to differ.
      const moved = change.reordered && change.removed.length === 0 && change.added.length === 0;
      if (removed.length === 0 && added.length === 0 && !moved && change.kind === "changed") return [];
      const order = "the same lines in another order";
      return [
        told(
          "config",
          `${file}, ${change.name}`,
          moved ? [order] : linesOf(removed, change.kind === "removed"),
          moved ? [order] : linesOf(added, change.kind === "added"),
        ),
      ];
    });
  };
  return [
    ...parts("haproxy.cfg", left.haproxy !== null, right.haproxy !== null, () =>
      left.haproxy === null || right.haproxy === null ? [] : diffHaproxy(left.haproxy, right.haproxy),
    ),
    ...parts("keepalived.conf", left.keepalived !== null, right.keepalived !== null, () =>
      left.keepalived === null || right.keepalived === null
        ? []
        : diffKeepalived(left.keepalived, right.keepalived),
    ),
  ];
};

const linesOf = (lines: readonly ConfigLine[], whole: boolean): readonly string[] =>
  lines.length === 0 && whole ? ["it is there"] : lines.map(({ text }) => hidden(text));

/** Lines of one node that are not there on the other, once names and addresses of their own are left aside. */
const lasting = (
  lines: readonly ConfigLine[],
  others: readonly ConfigLine[],
  own: DriftNode,
  other: DriftNode,
  all: readonly DriftNode[],
): readonly ConfigLine[] => {
  const counts = new Map<string, number>();
  for (const { text } of others) {
    const plain = plainText(text, other, all);
    counts.set(plain, (counts.get(plain) ?? 0) + 1);
  }
  return lines.filter(({ text }) => {
    if (individual(text)) return false;
    const plain = plainText(text, own, all);
    const count = counts.get(plain) ?? 0;
    if (count > 0) counts.set(plain, count - 1);
    return count === 0;
  });
};

/** What a certificate is kept in, and what is kept beside it. */
const PEM = /\.(pem|crt|cer|key|csr)$/;

const stemOf = (path: string): string => path.replace(PEM, "");

/** Configurations were compared by what they say; certificates, and the keys beside them, by their public keys. */
const fileDifferences = (left: DriftNode, right: DriftNode): readonly Difference[] => {
  const told = difference(left, right);
  const said = new Set(
    [left, right].flatMap(({ haproxy, keepalived, name }) =>
      [...(haproxy?.sources ?? []), ...(keepalived?.sources ?? [])].map(({ path }) =>
        path.startsWith(`${name}:`) ? path.slice(name.length + 1) : path,
      ),
    ),
  );
  const pem = [left, right].flatMap(({ facts }) => [...(facts.certificates?.keys() ?? [])].map(stemOf));
  const ofCertificate = (path: string): boolean => PEM.test(path) && pem.includes(stemOf(path));
  const paths = [...new Set([...left.files.keys(), ...right.files.keys()])].toSorted();
  return paths.flatMap((path): readonly Difference[] => {
    const [one, other] = [left.files.get(path), right.files.get(path)];
    if (one === undefined || other === undefined)
      return [
        told(
          "file",
          path,
          one === undefined ? [] : ["it is there"],
          other === undefined ? [] : ["it is there"],
        ),
      ];
    return [
      ...(one.digest === other.digest || said.has(path) || ofCertificate(path)
        ? []
        : [told("file", `${path}, content`, [digestText(one.digest)], [digestText(other.digest)])]),
      ...(one.mode === other.mode ? [] : [told("file", `${path}, mode`, [one.mode], [other.mode])]),
      ...(one.owner === other.owner ? [] : [told("file", `${path}, owner`, [one.owner], [other.owner])]),
    ];
  });
};

const digestText = (digest: string): string =>
  /^[0-9a-f]{64}$/.test(digest) ? `SHA-256 ${digest.slice(0, 16)}…` : digest;

const certificateDifferences = (left: DriftNode, right: DriftNode): readonly Difference[] => {
  const [ones, others] = [left.facts.certificates, right.facts.certificates];
  if (ones === null || others === null) return [];
  const told = difference(left, right);
  return [...new Set([...ones.keys(), ...others.keys()])]
    .toSorted()
    .flatMap((path): readonly Difference[] => {
      const [one, other] = [ones.get(path)?.[0], others.get(path)?.[0]];
      if (one === undefined || other === undefined)
        return one === other
          ? []
          : [
              told(
                "certificate",
                path,
                one === undefined ? [] : [one.subject],
                other === undefined ? [] : [other.subject],
              ),
            ];
      const text = (certificate: typeof one): string =>
        `${certificate.subject.replaceAll("\n", ", ")}, until ${new Date(certificate.notAfter).toISOString().slice(0, 10)}, key ${certificate.spki.slice(0, 16)}…`;
      return one.spki === other.spki && one.notAfter === other.notAfter
        ? []
        : [
            told(
              "certificate",
              `${path}, ${one.spki === other.spki ? "validity" : "key"}`,
              [text(one)],
              [text(other)],
            ),
          ];
    });
};

/** What the kernel counts is no setting. */
const COUNTER = /_count$/;

/** Services that a pair lives on. */
const UNITS = [
  "haproxy.service",
  "keepalived.service",
  "rsyslog.service",
  "syslog-ng.service",
  "firewalld.service",
];

const factDifferences = (left: DriftNode, right: DriftNode): readonly Difference[] => {
  const told = difference(left, right);
  const value = (
    kind: Difference["kind"],
    what: string,
    of: (node: DriftNode) => string | null | undefined,
  ): readonly Difference[] => {
    const [one, other] = [of(left) ?? null, of(right) ?? null];
    if (one === other) return [];
    return [told(kind, what, one === null ? [] : [one], other === null ? [] : [other])];
  };
  const keys = [...(left.facts.sysctl?.keys() ?? [])].filter(
    (key) => right.facts.sysctl?.has(key) === true && !COUNTER.test(key),
  );
  return [
    ...value("version", "HAProxy", ({ facts }) => facts.haproxy?.version.join(".")),
    ...value("version", "keepalived", ({ facts }) => facts.keepalived?.version.join(".")),
    ...value("version", "system", ({ facts: { os } }) => (os === null ? null : `${os.id} ${os.version}`)),
    ...keys.flatMap((key) => value("kernel", key, ({ facts }) => facts.sysctl?.get(key))),
    ...UNITS.flatMap((unit) =>
      left.facts.units === null || right.facts.units === null
        ? []
        : [
            ...value("unit", `${unit}, active`, ({ facts }) => facts.units?.get(unit)?.get("ActiveState")),
            ...value("unit", `${unit}, enabled`, ({ facts }) => facts.units?.get(unit)?.get("UnitFileState")),
          ],
    ),
  ];
};
