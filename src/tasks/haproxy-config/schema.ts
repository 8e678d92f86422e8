import type { Schema } from "../../core/schema.ts";
import type { HaproxyModel } from "../../lb/haproxy/model.ts";
import { haproxyProperties } from "../../lb/haproxy/schema.ts";
import { type RenderedFileParams, renderedFileProperties } from "../rendered-file/rendered-file.ts";

/** Parameters of haproxy_config: the model of haproxy.cfg, and where the file is to be. */
export interface HaproxyConfigParams extends HaproxyModel, RenderedFileParams {}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  properties: {
    ...renderedFileProperties({ dest: "/etc/haproxy/haproxy.cfg", program: "haproxy", mode: "0640" }),
    ...haproxyProperties,
  },
};
