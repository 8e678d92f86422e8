import type { Schema } from "../../core/schema.ts";
import {
  type AttributeParams,
  attributeProperties,
  modeSchema,
  pathSchema,
  validateSchema,
} from "../file-attributes/schema.ts";

/** Parameters of template, under Ansible's names. */
export interface TemplateParams extends AttributeParams {
  readonly src: string;
  readonly dest: string;
  readonly backup: boolean;
  readonly force: boolean;
  readonly follow: boolean;
  readonly validate: string | null;
  readonly newline_sequence: string;
  readonly trim_blocks: boolean;
  readonly lstrip_blocks: boolean;
  readonly block_start_string: string;
  readonly block_end_string: string;
  readonly variable_start_string: string;
  readonly variable_end_string: string;
  readonly comment_start_string: string;
  readonly comment_end_string: string;
  readonly output_encoding: string;
}

const delimiter = (text: string, what: string): Schema => ({
  type: "string",
  minLength: 1,
  default: text,
  description: `${what}.`,
});

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["src", "dest"],
  properties: {
    src: {
      type: "string",
      minLength: 1,
      description:
        "The Jinja2 template on the controller, searched in the role's and the playbook's templates/.",
    },
    dest: pathSchema(
      "Where the rendered file is to be; in a directory, or with a slash at the end, under the template's own name.",
    ),
    backup: {
      type: "boolean",
      default: false,
      description: "Keep the present file beside it, with the time in its name.",
    },
    force: {
      type: "boolean",
      default: true,
      description: "false leaves a file that is already there as it is.",
    },
    follow: {
      type: "boolean",
      default: false,
      description: "Follow a link at dest instead of replacing it.",
    },
    validate: validateSchema,
    newline_sequence: {
      type: "string",
      enum: ["\n", "\r", "\r\n", "\\n", "\\r", "\\r\\n"],
      default: "\n",
      description: "What ends a line of the rendered file.",
    },
    trim_blocks: {
      type: "boolean",
      default: true,
      description: "Take the line feed after a block tag away.",
    },
    lstrip_blocks: {
      type: "boolean",
      default: false,
      description: "Take the white space before a block tag away.",
    },
    block_start_string: delimiter("{%", "What begins a block tag"),
    block_end_string: delimiter("%}", "What ends a block tag"),
    variable_start_string: delimiter("{{", "What begins an expression"),
    variable_end_string: delimiter("}}", "What ends an expression"),
    comment_start_string: delimiter("{#", "What begins a comment"),
    comment_end_string: delimiter("#}", "What ends a comment"),
    output_encoding: {
      type: "string",
      default: "utf-8",
      description: "Only utf-8: files are written as they are rendered.",
    },
    ...attributeProperties,
    mode: modeSchema('Permissions, octal ("0644") or symbolic, or preserve for those of the template.'),
  },
};
