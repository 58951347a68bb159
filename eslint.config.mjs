// Few rules, each of which has caught a real fault: see docs/adr/003-toolchain.md.
import simpleImportSort from 'eslint-plugin-simple-import-sort';
import tseslint from 'typescript-eslint';

const pureCore = {
  'no-restricted-globals': [
    'error',
    ...['process', 'console', 'fetch', 'setTimeout', 'setInterval', 'Buffer'].map((name) => ({
      name,
      message: 'core is pure: the shell does this and hands the result in as a value.',
    })),
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: 'core is pure: time comes in as `now`.' },
    { object: 'Math', property: 'random', message: 'core is pure: jitter comes in as a value.' },
  ],
  'no-restricted-syntax': [
    'error',
    { selector: 'AwaitExpression', message: 'core is pure: nothing in it waits.' },
    { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: 'core is pure: time comes in.' },
  ],
};

export default tseslint.config(
  { ignores: ['node_modules', 'cdk.out', 'coverage', 'dist', '.lamplighter', '.venv', '**/*.mjs'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.base],
    languageOptions: { parserOptions: { projectService: true } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: { 'simple-import-sort': simpleImportSort },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/return-await': ['error', 'always'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-readonly': 'error',
      'no-console': 'error',
      eqeqeq: 'error',
      'simple-import-sort/imports': 'error',
    },
  },
  { files: ['lambdas/core/**/*.ts'], rules: pureCore },
  {
    files: ['lambdas/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^@aws-sdk/client-',
              importNamePattern: '(Exception|Error|Exist|Found|Exceeded)$',
              message: 'a bundle holds no error classes: tell errors apart by name (docs/adr/005-bundles.md).',
            },
          ],
        },
      ],
    },
  },
  {
    // Tests build wrong input on purpose.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/consistent-type-assertions': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    // Programs for a terminal: printing is what they are for.
    files: ['local/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.ts', 'cli/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
);
