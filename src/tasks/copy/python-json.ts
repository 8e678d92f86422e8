import { floatText } from "../../core/python-text.ts";
import { isDict, isList, PyFloat, type Value } from "../../core/value.ts";

/** A value as Python's json.dumps writes it: spaces after `,` and `:`, everything beyond ASCII escaped. */
export const pythonJson = (value: Value): string => {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (value instanceof PyFloat) return floatText(value.value);
  if (typeof value === "string") return asciiString(value);
  if (isList<Value>(value)) return `[${value.map(pythonJson).join(", ")}]`;
  if (isDict<Value>(value)) {
    return `{${[...value].map(([key, item]) => `${asciiString(keyText(key))}: ${pythonJson(item)}`).join(", ")}}`;
  }
  throw new Error("a value of no known kind");
};

const keyText = (key: Value): string => (typeof key === "string" ? key : pythonJson(key));

const asciiString = (text: string): string =>
  JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
