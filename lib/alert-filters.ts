// Which alerts a subscriber gets, as the settings write it and SNS accepts it.
import * as z from 'zod';

export const levels = z.array(z.enum(['info', 'warning', 'error', 'critical'])).min(1);

/** A subscriber gets the alerts that match each filter that is given. SNS allows 150 combinations. */
export const filterShape = {
  levels: levels.optional(),
  projects: z.array(z.string().min(1).max(100)).min(1).max(20).optional(),
  /** `name=value`, the form that alerts have in their attribute. */
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
