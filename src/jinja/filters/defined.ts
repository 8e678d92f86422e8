import { isMapping, isSequence, type Obj, Undefined, UndefinedUse } from "../objects.ts";

/** Throws where a value, or anything inside it, is undefined. */
export const demandDefined = (value: Obj): void => {
  if (value instanceof Undefined) throw new UndefinedUse(value);
  if (isMapping(value)) for (const item of value.values()) demandDefined(item);
  else if (isSequence(value)) for (const item of value) demandDefined(item);
};
