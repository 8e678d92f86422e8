import { PyError, textOf } from "../objects.ts";
import { formatMoment, localDate, parseDate } from "../python/datetime.ts";
import { needText } from "../python/method-arguments.ts";
import { isNumber, readFloat, toNumber } from "../python/number.ts";
import { truth } from "../python/operators.ts";
import { str } from "../python/print.ts";
import { type Definition, define } from "./define.ts";

const strftime = define("strftime", ["second", "utc"], (value, [second, utc], { host }) => {
  const text = second === undefined || second === null ? null : textOf(second);
  const seconds =
    text !== null
      ? readFloat(text)
      : second !== undefined && second !== null && isNumber(second)
        ? toNumber(second)
        : null;
  if (seconds === null && second !== undefined && second !== null) {
    throw new PyError("FilterError", `Invalid value for epoch value (${str(second)})`);
  }
  const moment = seconds === null ? host.now() : new Date(Math.floor(seconds) * 1000);
  return formatMoment(needText(value, "strftime() argument 1"), moment, host, truth(utc ?? false));
});

/** Seconds since the epoch need the zone, which a date without one takes from here. */
const toDatetime = define("to_datetime", ["format"], (value, [format], { host }) => {
  const naive = parseDate(str(value), format === undefined ? "%Y-%m-%d %H:%M:%S" : str(format));
  const time = naive.object.behaviour.order ?? 0;
  const guess = new Date(time);
  const minutes = host.utcOffset?.(guess) ?? -guess.getTimezoneOffset();
  return localDate(new Date(time - minutes * 60_000), host).object;
});

/** Ansible's filters on dates. */
export const dateFilters: readonly Definition[] = [strftime, toDatetime];
