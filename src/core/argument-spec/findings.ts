import { valueText } from "../python-text.ts";
import { toJson, type Value } from "../value.ts";

/** What is wrong with one argument, at a path of the names and indexes below the variables. */
export interface ArgumentFault {
  /** A value does not fit; a name is not known; what is needed is not there. */
  readonly kind: "value" | "unknown" | "missing";
  readonly path: readonly string[];
  /** What was expected. */
  readonly message: string;
  /** The value found instead; null where that says nothing. */
  readonly found: string | null;
  readonly hint: string | null;
}

/** One error as Ansible words and counts them, with the faults it stands for; none where another error tells the same. */
export interface ArgumentError {
  readonly ansible: string;
  readonly faults: readonly ArgumentFault[];
}

/** Where in the arguments a check is. */
export interface Context {
  /** Path of the mapping that is looked at. */
  readonly path: readonly string[];
  /** Names of the options around it, as Ansible's messages have them. */
  readonly names: readonly string[];
  /** A `no_log` option is around it: its values are not shown. */
  readonly hidden: boolean;
  readonly errors: ArgumentError[];
}

/** Notes an error with one fault. */
export const note = (
  context: Context,
  path: readonly string[],
  ansible: string,
  { message, found = null, hint = null }: Partial<ArgumentFault> & Pick<ArgumentFault, "message">,
): void => {
  context.errors.push({ ansible, faults: [{ kind: "value", path, message, found, hint }] });
};

/** An Ansible message with the options around it. */
export const within = (context: Context, message: string): string =>
  context.names.length === 0 ? message : `${message} found in ${context.names.join(" -> ")}`;

/** A fault in words, without its path. */
export const faultText = ({ message, found }: Pick<ArgumentFault, "message" | "found">): string =>
  found === null ? message : `${message}, found ${found}`;

/** `haproxy_frontends[0].binds[1].port` */
export const pathText = (path: readonly string[]): string =>
  path.reduce(
    (text, step) => (/^\d+$/.test(step) ? `${text}[${step}]` : text === "" ? step : `${text}.${step}`),
    "",
  );

/** What Ansible shows instead of a secret. */
const CENSORED = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER";

/** A value in one of Ansible's messages. */
export const ansibleValue = (value: Value, hidden: boolean): string => (hidden ? CENSORED : valueText(value));

/** A value in one of ours. */
export const shownValue = (value: Value, hidden: boolean): string => {
  if (hidden) return "a value that is not shown (no_log)";
  if (value === null) return "nothing";
  const text = JSON.stringify(toJson(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
};
