import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const ASSIGNED_FUNCTION = {
  selector: 'AssignmentExpression[left.type="MemberExpression"][right.type=/FunctionExpression/]',
  message:
    'Name the function first, then assign it. V8 makes a function that is written where a property is assigned ' +
    'among its old objects, and all that it reaches grows old with it: a request then costs a quarter more CPU.',
};

const OWN_GETTER = {
  selector: 'ObjectExpression > Property[kind="get"]',
  message:
    'Make it a method, or write a class. V8 gives an object with a getter of its own a shape of its own, which is old ' +
    'from the start and holds all that the getter reaches until old garbage is collected.',
};

export default defineConfig(
  globalIgnores(['node_modules', 'coverage', 'dist']),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    // Read by any Node there ever was.
    files: ['**/*.cjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { sourceType: 'commonjs', globals: { process: 'readonly', __dirname: 'readonly' } },
    rules: {
      'no-var': 'off',
      '@typescript-eslint/no-require-imports': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { caughtErrors: 'none' }],
    },
  },
  {
    // Runs in browsers. What a template's markup and the API's JSON hold, no type says.
    files: ['src/console/page/**/*.js'],
    rules: {
      'no-undef': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', ASSIGNED_FUNCTION],
    },
  },
  {
    // What is made here is made for each request.
    files: ['src/conversation/**/*.ts', 'src/gemini/**/*.ts', 'src/sse.ts'],
    rules: {
      'no-restricted-syntax': ['error', ASSIGNED_FUNCTION, OWN_GETTER],
    },
  },
  { files: ['scripts/**', 'test/**'], rules: { 'no-console': 'off' } },
);
