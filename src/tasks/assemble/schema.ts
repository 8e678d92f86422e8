import type { Schema } from "../../core/schema.ts";
import {
  type AttributeParams,
  attributeProperties,
  pathSchema,
  validateSchema,
} from "../file-attributes/schema.ts";

/** Parameters of assemble, under Ansible's names. */
export interface AssembleParams extends AttributeParams {
  readonly src: string;
  readonly dest: string;
  readonly remote_src: boolean;
  readonly delimiter: string | null;
  readonly regexp: string | null;
  readonly ignore_hidden: boolean;
  readonly decrypt: boolean;
  readonly backup: boolean;
  readonly validate: string | null;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["src", "dest"],
  properties: {
    src: {
      type: "string",
      minLength: 1,
      description: "The directory with the fragments, which are taken in the order of their names.",
    },
    dest: pathSchema("The file that they become."),
    remote_src: {
      type: "boolean",
      default: true,
      description: "src is on the node; false: on the controller, searched in files/.",
    },
    delimiter: {
      type: "string",
      description: "What stands between two fragments, on lines of its own; \\n and the like are understood.",
    },
    regexp: {
      type: "string",
      description: "Python regular expression; only names in which it is found count.",
    },
    ignore_hidden: {
      type: "boolean",
      default: false,
      description: "Leave out fragments whose name begins with a dot.",
    },
    decrypt: {
      type: "boolean",
      default: true,
      description: "Only true: a fragment of the controller that is a vault is written in the clear.",
    },
    backup: {
      type: "boolean",
      default: false,
      description: "Keep the present file beside it, with the time in its name.",
    },
    validate: validateSchema,
    ...attributeProperties,
  },
};
