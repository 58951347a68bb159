// Whom of the subscribers an alert goes to, as the settings say it and SNS takes it.
import * as z from 'zod';

export const levels = z.array(z.enum(['info', 'warning', 'error', 'critical'])).min(1);

/** Whom a subscriber hears of: alerts that have one of each that is given. SNS takes 150 combinations. */
export const filterShape = {
  levels: levels.optional(),
  projects: z.array(z.string().min(1).max(100)).min(1).max(20).optional(),
  /** `name=value`, as the attribute of an alert has them. */
  tags: z
    .array(z.string().regex(/^[^=]{1,128}=.{0,256}$/, 'must be a tag such as team=payments'))
    .min(1)
    .max(20)
    .optional(),
};
export type FilterSettings = z.infer<z.ZodObject<typeof filterShape>>;
export const isFilterable = ({ levels: some = [], projects = [], tags = [] }: FilterSettings) =>
  [some, projects, tags].reduce((product, { length }) => product * Math.max(1, length), 1) <= 150;
export const TOO_MANY = 'must not have more than 150 combinations of levels, projects and tags: SNS takes no more';
