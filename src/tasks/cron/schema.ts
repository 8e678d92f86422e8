import type { Schema } from "../../core/schema.ts";

/** Parameters of cron, under ansible.builtin.cron's names. */
export interface CronParams {
  readonly name: string;
  readonly user: string | null;
  readonly job: string | null;
  readonly state: "present" | "absent";
  readonly cron_file: string | null;
  readonly backup: boolean;
  readonly minute: string;
  readonly hour: string;
  readonly day: string;
  readonly month: string;
  readonly weekday: string;
  readonly special_time: string | null;
  readonly disabled: boolean;
  readonly env: boolean;
  readonly insertafter: string | null;
  readonly insertbefore: string | null;
}

const time = (description: string, aliases: readonly string[] = []): Schema => ({
  type: "string",
  pattern: "^\\S+$",
  default: "*",
  description,
  ...(aliases.length === 0 ? {} : { "x-aliases": aliases }),
});

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["name"],
  properties: {
    name: {
      type: "string",
      pattern: "^[^\\r\\n]+$",
      description: "What the job is found by again; with env, the variable's name.",
    },
    user: {
      type: "string",
      minLength: 1,
      description: "Whose crontab; in a cron_file, as whom the job runs. Absent means the user of the task.",
    },
    job: {
      type: "string",
      "x-aliases": ["value"],
      description: "The command, on one line; with env, the variable's value.",
    },
    state: {
      type: "string",
      enum: ["present", "absent"],
      default: "present",
      description: "absent removes the job, and a cron_file that has nothing else in it.",
    },
    cron_file: {
      type: "string",
      minLength: 1,
      description: "A file to keep the job in instead of a crontab; a relative one is in /etc/cron.d.",
    },
    backup: { type: "boolean", default: false, description: "Keep what was there before, if it changes." },
    minute: time("Minute: 0-59, *, */2, 5,35."),
    hour: time("Hour: 0-23, *, */2."),
    day: time("Day of the month: 1-31, *, */2.", ["dom"]),
    month: time("Month: 1-12 or its name, *, */2."),
    weekday: time("Day of the week: 0-6 from Sunday on or its name, *.", ["dow"]),
    special_time: {
      type: "string",
      enum: ["annually", "daily", "hourly", "monthly", "reboot", "weekly", "yearly"],
      description: "A time by name instead of the five fields.",
    },
    disabled: { type: "boolean", default: false, description: "Keep the job, but commented out." },
    env: { type: "boolean", default: false, description: "A variable for the jobs instead of a job." },
    insertafter: { type: "string", description: "With env: the variable after which a new one goes." },
    insertbefore: { type: "string", description: "With env: the variable before which a new one goes." },
  },
};
