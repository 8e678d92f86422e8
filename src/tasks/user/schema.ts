import type { Schema } from "../../core/schema.ts";

/** Parameters of user, under ansible.builtin.user's names. */
export interface UserParams {
  readonly name: string;
  readonly state: "present" | "absent";
  readonly uid: number | null;
  readonly non_unique: boolean;
  readonly group: string | null;
  readonly groups: readonly string[] | null;
  readonly append: boolean;
  readonly comment: string | null;
  readonly home: string | null;
  readonly create_home: boolean;
  readonly move_home: boolean;
  readonly skeleton: string | null;
  readonly umask: string | null;
  readonly shell: string | null;
  readonly system: boolean;
  readonly password: string | null;
  readonly update_password: "always" | "on_create";
  readonly password_lock: boolean | null;
  readonly password_expire_min: number | null;
  readonly password_expire_max: number | null;
  readonly expires: number | null;
  readonly remove: boolean;
  readonly force: boolean;
  readonly generate_ssh_key: boolean | null;
}

const flag = (description: string): Schema => ({ type: "boolean", default: false, description });

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["name"],
  properties: {
    name: {
      type: "string",
      pattern: "^[A-Za-z_][A-Za-z0-9_.-]*[$]?$",
      "x-aliases": ["user"],
      description: "The user's login name.",
    },
    state: {
      type: "string",
      enum: ["present", "absent"],
      default: "present",
      description: "Whether the user exists.",
    },
    uid: { type: "integer", minimum: 0, description: "The user's number." },
    non_unique: flag("The number may be another user's too."),
    group: { type: "string", minLength: 1, description: "The primary group, by name or number." },
    groups: {
      type: "array",
      items: { type: "string" },
      description: "Further groups; an empty list takes the user out of all of them.",
    },
    append: flag("Add to the user's groups instead of replacing them."),
    comment: {
      type: "string",
      pattern: "^[^:\\n]*$",
      description: "The user's full name, or what the user is for.",
    },
    home: { type: "string", pattern: "^/[^:\\n]*$", description: "The home directory." },
    create_home: {
      type: "boolean",
      default: true,
      "x-aliases": ["createhome"],
      description: "Make the home directory where it is missing.",
    },
    move_home: flag("Move the present home directory when `home` changes."),
    skeleton: { type: "string", pattern: "^/", description: "The directory that a new home is a copy of." },
    umask: { type: "string", pattern: "^[0-7]{3,4}$", description: "The umask for a new home directory." },
    shell: { type: "string", pattern: "^[^:\\n]*$", description: "The login shell." },
    system: flag("A new user gets a number from the system's range."),
    password: {
      type: "string",
      "x-secret": true,
      description:
        "The hash of the password, as crypt(3) makes it; `*` or `!` for none that would be accepted.",
    },
    update_password: {
      type: "string",
      enum: ["always", "on_create"],
      default: "always",
      description: "on_create leaves the password of a user that exists alone.",
    },
    password_lock: { type: "boolean", description: "Whether logging in with the password is locked." },
    password_expire_min: { type: "integer", description: "Days before the password may be changed again." },
    password_expire_max: { type: "integer", description: "Days after which the password must be changed." },
    expires: {
      type: "number",
      description: "When the account ends, in seconds since the epoch; negative for never.",
    },
    remove: flag("With state absent: remove the home directory and the mail too."),
    force: flag("With state absent: remove even a user that is logged in."),
    generate_ssh_key: {
      type: "boolean",
      description: "Not supported: make the key where it is used, and copy it.",
    },
  },
};
