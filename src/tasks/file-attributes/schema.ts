import type { Schema } from "../../core/schema.ts";
import { shellWords } from "../../core/words.ts";
import { type ModeParameter, modeFault } from "./mode.ts";

/** The parameters that every module which leaves files behind has, under Ansible's names. */
export interface AttributeParams {
  readonly mode: ModeParameter | null;
  readonly owner: string | null;
  readonly group: string | null;
  readonly seuser: string | null;
  readonly serole: string | null;
  readonly setype: string | null;
  readonly selevel: string | null;
  readonly attributes: string | null;
  readonly unsafe_writes: boolean;
}

/** A mode; raw, because `0644` and "0644" arrive as different types and mean the same. */
export const modeSchema = (description: string): Schema => ({
  type: ["string", "integer"],
  "x-raw": true,
  description,
});

const refused = (what: string): Schema => ({ type: "string", description: `Refused: ${what}.` });

/** Schema properties of AttributeParams. */
export const attributeProperties: Readonly<Record<string, Schema>> = {
  mode: modeSchema('Permissions, octal ("0644") or symbolic ("u=rw,g=r,o="). Absent keeps what is there.'),
  owner: {
    type: "string",
    minLength: 1,
    description: "Name or number of the user that owns it. Absent keeps the owner.",
  },
  group: {
    type: "string",
    minLength: 1,
    description: "Name or number of its group. Absent keeps the group.",
  },
  seuser: refused("SELinux contexts follow the node's policy"),
  serole: refused("SELinux contexts follow the node's policy"),
  setype: refused("SELinux contexts follow the node's policy"),
  selevel: refused("SELinux contexts follow the node's policy"),
  attributes: {
    ...refused("chattr flags are not managed"),
    "x-aliases": ["attr"],
  },
  unsafe_writes: {
    type: "boolean",
    default: false,
    description: "Only false: files are always replaced as a whole.",
  },
};

const SELINUX = ["seuser", "serole", "setype", "selevel"] as const;

/** What is wrong with the attribute parameters; `preserve` is a mode where there is a source to take it from. */
export const attributeRules = (params: AttributeParams, preservable = false): readonly string[] => {
  const fault =
    params.mode === null || (preservable && params.mode === "preserve") ? null : modeFault(params.mode);
  return [
    ...(fault === null ? [] : [fault]),
    ...SELINUX.filter((name) => params[name] !== null).map(
      (name) =>
        `${name} is not supported: set the context in the policy (semanage fcontext) and files get it when they are written`,
    ),
    ...(params.attributes === null ? [] : ["attributes is not supported: run chattr in a command task"]),
    ...(params.unsafe_writes ? ["unsafe_writes is not supported: files are always replaced as a whole"] : []),
  ];
};

/** A path on a node: absolute, since a task has no current directory. */
export const pathSchema = (description: string, aliases: readonly string[] = []): Schema => ({
  type: "string",
  pattern: "^/",
  description,
  ...(aliases.length === 0 ? {} : { "x-aliases": aliases }),
});

/** The command that judges a file before it lands. */
export const validateSchema: Schema = {
  type: "string",
  description: "Command that must succeed on the new file before it lands; %s is its path.",
};

/** What is wrong with a validation command. */
export const validateRules = (validate: string | null): readonly string[] => {
  if (validate === null) return [];
  if (!validate.includes("%s")) return ["validate must contain %s, which becomes the path of the new file"];
  return shellWords(validate) === null ? ["validate has a quote that is not closed"] : [];
};
