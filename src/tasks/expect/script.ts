import { isDict, isList, type Value } from "../../core/value.ts";
import { splitWords } from "../command-run/words.ts";
import type { ExpectParams } from "./schema.ts";

/** A question and what it is answered, one after the other. */
interface Response {
  readonly question: string;
  /** Asked for with (?i), which expect(1) has an option for. */
  readonly nocase: boolean;
  readonly answers: readonly string[];
  /** One answer is for each time, a list is for as often as it is long. */
  readonly repeats: boolean;
}

/** The responses as the task gives them; answers may be numbers. */
export const responsesOf = (responses: Value): readonly Response[] =>
  (isDict<Value>(responses) ? [...responses] : []).map(([question, answer]) => ({
    question: String(question).replace(/^\(\?i\)/, ""),
    nocase: String(question).startsWith("(?i)"),
    answers: (isList<Value>(answer) ? answer : [answer]).map(plainText),
    repeats: !isList<Value>(answer),
  }));

const plainText = (value: Value): string =>
  value === null ? "" : typeof value === "boolean" ? (value ? "True" : "False") : String(value);

/** The exit codes that tell what became of it, beside the command's own. */
export const LATE = 124;
export const NO_ANSWER = 125;

/** A script for expect(1), which reads it from its standard input, so that no answer is in a list of processes. */
export const expectScript = ({ command, responses, timeout, echo }: ExpectParams): string => {
  const all = responsesOf(responses);
  const branches = all.map(
    ({ nocase }, index) =>
      `  ${nocase ? "-nocase " : ""}-re $question(${index}) {\n    if {![llength $answers(${index})]} { puts stderr "No remaining responses for '$question(${index})'"; exit ${NO_ANSWER} }\n    send -- "[lindex $answers(${index}) 0]\\r"\n    if {!$repeats(${index})} { set answers(${index}) [lrange $answers(${index}) 1 end] }\n    exp_continue\n  }`,
  );
  return [
    `set timeout ${timeout ?? -1}`,
    ...(echo ? [] : ["set stty_init -echo"]),
    ...all.flatMap(({ question, answers, repeats }, index) => [
      `set question(${index}) ${tcl(question)}`,
      `set answers(${index}) [list ${answers.map(tcl).join(" ")}]`,
      `set repeats(${index}) ${repeats ? 1 : 0}`,
    ]),
    `spawn -noecho ${(splitWords(command) ?? []).map(tcl).join(" ")}`,
    "expect {",
    ...branches,
    `  timeout { puts stderr "command exceeded timeout"; exit ${LATE} }`,
    "  eof {}",
    "}",
    "set ended [wait]",
    "exit [lindex $ended 3]",
    "",
  ].join("\n");
};

/** A text as one word of Tcl. */
const tcl = (text: string): string => `"${text.replace(/[\\"$[\]{}]/g, "\\$&").replaceAll("\n", "\\n")}"`;
