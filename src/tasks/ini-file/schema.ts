import type { Schema } from "../../core/schema.ts";
import { pathSchema } from "../file-attributes/schema.ts";
import type { EditParams } from "../file-content/edit-file.ts";
import { editProperties } from "../file-content/edit-schema.ts";

/** Parameters of ini_file, under community.general.ini_file's names. */
export interface IniFileParams extends Omit<EditParams, "validate"> {
  readonly section: string | null;
  readonly section_has_values: unknown;
  readonly option: string | null;
  readonly value: string | null;
  readonly values: readonly string[] | null;
  readonly state: "present" | "absent";
  readonly exclusive: boolean;
  readonly no_extra_spaces: boolean;
  readonly ignore_spaces: boolean;
  readonly modify_inactive_option: boolean;
  readonly allow_no_value: boolean;
  readonly create: boolean;
  readonly follow: boolean;
}

const { validate: _, ...edited } = editProperties;

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["path"],
  properties: {
    ...edited,
    path: pathSchema("The file to edit.", ["dest"]),
    section: {
      type: "string",
      description: "The section's name. Absent means the lines before the first section.",
    },
    section_has_values: {
      description: "Refused: the first section of the name is taken.",
    },
    option: {
      type: "string",
      minLength: 1,
      description: "The option's name. Absent with state absent means the whole section.",
    },
    value: { type: "string", description: "The option's value." },
    values: {
      type: "array",
      items: { type: "string" },
      description: "The values of an option that stands there several times, a line each.",
    },
    state: {
      type: "string",
      enum: ["present", "absent"],
      default: "present",
      description: "absent removes the option or, without one, the section.",
    },
    exclusive: {
      type: "boolean",
      default: true,
      description: "Other lines of the same option in the section go; false leaves them.",
    },
    no_extra_spaces: {
      type: "boolean",
      default: false,
      description: "Write name=value instead of name = value.",
    },
    ignore_spaces: {
      type: "boolean",
      default: false,
      description: "A line that differs only in the spaces around = stays as it is.",
    },
    modify_inactive_option: {
      type: "boolean",
      default: true,
      description: "Take a commented line of the option as its place; false leaves comments alone.",
    },
    allow_no_value: {
      type: "boolean",
      default: false,
      description: "An option without a value is written as its name alone.",
    },
    create: {
      type: "boolean",
      default: true,
      description: "Make the file, and its directory, where they are missing.",
    },
    follow: {
      type: "boolean",
      default: false,
      description: "Edit what a link at path points to; otherwise the link is replaced by the edited file.",
    },
  },
};
