import { PyError } from "../objects.ts";
import { type Definition, define } from "./define.ts";

const jsonQuery = define("json_query", ["expr"], () => {
  throw new PyError("Refused", "json_query is not available: use map, selectattr and dict2items instead");
});

/** Filters of community.general. */
export const generalFilters: readonly Definition[] = [jsonQuery];
