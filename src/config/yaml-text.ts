import { stringify } from "yaml";
import type { Json } from "../core/value.ts";

/** Data as YAML 1.1 with sorted keys, so that Ansible reads the same again: what YAML 1.1 takes for another type is quoted. */
export const yamlText = (data: Json): string =>
  stringify(data, {
    version: "1.1",
    indentSeq: false,
    lineWidth: 0,
    singleQuote: true,
    aliasDuplicateObjects: false,
    sortMapEntries: true,
  });
