import type { Schema } from "../../core/schema.ts";
import { type AttributeParams, attributeProperties, pathSchema } from "../file-attributes/schema.ts";

/** Parameters of file, under Ansible's names. */
export interface FileParams extends AttributeParams {
  readonly path: string;
  readonly state: "absent" | "directory" | "file" | "hard" | "link" | "touch" | null;
  readonly src: string | null;
  readonly recurse: boolean;
  readonly force: boolean;
  readonly follow: boolean;
  readonly modification_time: string | null;
  readonly modification_time_format: string;
  readonly access_time: string | null;
  readonly access_time_format: string;
}

const time = (which: string): Schema => ({
  type: "string",
  description: `The ${which} time: preserve, now, or a time in the format below and the node's time zone. Absent means now for touch, else preserve.`,
});

const timeFormat = (which: string): Schema => ({
  type: "string",
  default: "%Y%m%d%H%M.%S",
  description: `How ${which} is written; %Y, %y, %m, %d, %H, %M and %S are known.`,
});

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["path"],
  properties: {
    path: pathSchema("The file, directory or link.", ["dest", "name"]),
    state: {
      type: "string",
      enum: ["absent", "directory", "file", "hard", "link", "touch"],
      description:
        "What it shall be. file changes attributes and never makes one; touch makes an empty one. Absent means what is there, or directory with recurse.",
    },
    src: {
      type: "string",
      minLength: 1,
      description:
        "What a link points to (relative to the link's directory, need not exist with force) or a hard link shares.",
    },
    recurse: {
      type: "boolean",
      default: false,
      description: "With state directory: owner, group and mode of everything in it, too.",
    },
    force: {
      type: "boolean",
      default: false,
      description:
        "Make a link whose target does not exist, or in the place of a file or an empty directory.",
    },
    follow: {
      type: "boolean",
      default: true,
      description: "Work on what a link points to instead of the link.",
    },
    modification_time: time("modification"),
    modification_time_format: timeFormat("modification_time"),
    access_time: time("access"),
    access_time_format: timeFormat("access_time"),
    ...attributeProperties,
  },
};
