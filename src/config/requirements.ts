import { dirname, join } from "node:path";
import { isNull, literalText, nodeOf, type YamlNode } from "./node.ts";
import type { Session } from "./session.ts";

/** A role or collection that a requirements.yml asks for. */
interface Requirement {
  readonly kind: "role" | "collection";
  readonly name: string;
  readonly version: string | null;
  /** The requirements.yml, as the user would type it. */
  readonly file: string;
}

/** What to do about a role that is missing, where a requirements.yml names it (or its collection); null where none does. */
export const requirementHint = (session: Session, directory: string, role: string): string | null => {
  const collection = role.split(".").slice(0, 2).join(".");
  const wanted = requirementsNear(session, directory).find(({ kind, name }) =>
    kind === "role" ? name === role : role.includes(".") && name === collection,
  );
  if (wanted === undefined) return null;
  const version = wanted.version === null ? "" : ` ${wanted.version}`;
  return `${wanted.file} asks for ${wanted.name}${version}: ansible-galaxy ${wanted.kind} install -r ${wanted.file}`;
};

const requirementsNear = (session: Session, directory: string): readonly Requirement[] => {
  const bases = [
    ...new Set([directory, session.playbookDir, dirname(session.playbookDir), session.files.cwd]),
  ];
  const paths = bases.flatMap((base) =>
    ["", "roles", "collections"].flatMap((part) =>
      ["requirements.yml", "requirements.yaml"].map((name) => join(base, part, name)),
    ),
  );
  return [...new Set(paths)].filter(session.files.isFile).flatMap((path) => requirementsOf(session, path));
};

/** An old file is a list of roles; a new one a mapping of `roles` and `collections`. One that is broken asks for nothing. */
const requirementsOf = (session: Session, path: string): readonly Requirement[] => {
  const before = session.files.faults.length;
  const node = session.files.yaml(path, null);
  session.files.faults.splice(before);
  if (node === null) return [];
  const file = session.files.shown(path);
  const listed = (list: YamlNode | null, kind: Requirement["kind"]): readonly Requirement[] =>
    list === null || list.kind !== "list"
      ? []
      : list.items.flatMap((item) => requirementOf(item, kind, file));
  if (node.kind === "list") return listed(node, "role");
  if (node.kind !== "map") return [];
  return [...listed(nodeOf(node, "roles"), "role"), ...listed(nodeOf(node, "collections"), "collection")];
};

const requirementOf = (node: YamlNode, kind: Requirement["kind"], file: string): readonly Requirement[] => {
  const text = literalText(node);
  // `name,version` is how a role was once written, `name:version` a collection.
  if (text !== null) {
    const [name = "", version = null] = text.split(kind === "role" ? "," : ":");
    return [{ kind, name: kind === "role" ? roleName(name) : name, version, file }];
  }
  if (node.kind !== "map") return [];
  const field = (key: string): string | null => {
    const value = nodeOf(node, key);
    return value === null || isNull(value) || value.kind !== "scalar" ? null : value.text;
  };
  const name = field("name") ?? (kind === "role" ? roleName(field("src") ?? field("role") ?? "") : null);
  return name === null || name === "" ? [] : [{ kind, name, version: field("version"), file }];
};

/** A role's name where only its source is known: the last part of an address, without what archives end with. */
const roleName = (source: string): string =>
  source.includes("/") || source.includes("@")
    ? (source.split(/[/:]/).at(-1) ?? source).replace(/\.(?:git|tar\.gz|tgz|zip)$/, "")
    : source;
