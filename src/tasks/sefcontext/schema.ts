import type { Schema } from "../../core/schema.ts";

/** Parameters of sefcontext, under community.general.sefcontext's names. */
export interface SefcontextParams {
  readonly target: string;
  readonly ftype: "a" | "b" | "c" | "d" | "f" | "l" | "p" | "s";
  readonly setype: string | null;
  readonly substitute: string | null;
  readonly seuser: string | null;
  readonly selevel: string | null;
  readonly state: "present" | "absent";
  readonly reload: boolean;
  readonly ignore_selinux_state: boolean;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["target"],
  properties: {
    target: {
      type: "string",
      pattern: "^\\S+$",
      "x-aliases": ["path"],
      description: "A path as a regular expression, e.g. /srv/www(/.*)? with all that is in it.",
    },
    ftype: {
      type: "string",
      enum: ["a", "b", "c", "d", "f", "l", "p", "s"],
      default: "a",
      description:
        "Which files: a all, f regular ones, d directories, l links, s sockets, p pipes, b and c devices.",
    },
    setype: { type: "string", pattern: "^[A-Za-z0-9_<>]+$", description: "The type that such files get." },
    substitute: {
      type: "string",
      pattern: "^/\\S*$",
      "x-aliases": ["equal"],
      description: "Another directory, as in which the files get their types.",
    },
    seuser: {
      type: "string",
      pattern: "^\\S+$",
      description: "The user of SELinux; system_u for a new rule.",
    },
    selevel: {
      type: "string",
      pattern: "^\\S+$",
      "x-aliases": ["serange"],
      description: "The range; s0 for a new rule.",
    },
    state: {
      type: "string",
      enum: ["present", "absent"],
      default: "present",
      description: "absent takes back what was added on the node.",
    },
    reload: { type: "boolean", default: true, description: "Load the policy afterwards." },
    ignore_selinux_state: {
      type: "boolean",
      default: false,
      description: "Only false: where SELinux is disabled no policy can be changed.",
    },
  },
};
