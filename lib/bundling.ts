// How functions are bundled, for the stack and for the size check alike: one ESM file, the SDK included, so that what
// was tested is what runs.

export const bundling = {
  format: 'esm',
  target: 'node24',
  minify: true,
  mainFields: ['module', 'main'],
  // CommonJS parts of the SDK call require; the alias keeps clear of a createRequire that is bundled.
  banner: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);",
} as const;
