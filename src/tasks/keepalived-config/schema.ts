import type { Schema } from "../../core/schema.ts";
import type { KeepalivedModel } from "../../lb/keepalived/model.ts";
import { keepalivedProperties } from "../../lb/keepalived/schema.ts";
import { type RenderedFileParams, renderedFileProperties } from "../rendered-file/rendered-file.ts";

/** Parameters of keepalived_config: the pair, which of its nodes this is, and where the file is to be. */
export interface KeepalivedConfigParams extends KeepalivedModel, RenderedFileParams {}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["node", "nodes", "instances"],
  properties: {
    ...renderedFileProperties({
      dest: "/etc/keepalived/keepalived.conf",
      program: "keepalived",
      mode: "0600",
    }),
    ...keepalivedProperties,
  },
};
