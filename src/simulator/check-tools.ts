import { checkJsonSchema, checkOpenApiSchema } from './check-schema.ts';
import type { Door } from './exchange.ts';
import { invalidArgument } from './google-error.ts';
import type { Model } from './models.ts';
import { fieldsListOf, fieldsOf, listOf, stringOf, type Fields } from './values.ts';

export const declarationsOf = (request: Fields): readonly Fields[] =>
  fieldsListOf(request.tools).flatMap((tool) => fieldsListOf(tool.functionDeclarations));

const BUILT_IN = ['googleSearch', 'googleSearchRetrieval', 'codeExecution', 'urlContext', 'googleMaps', 'computerUse'];

export const hasTool = (request: Fields, name: string): boolean =>
  fieldsListOf(request.tools).some((tool) => tool[name] !== undefined);

const NAME = /^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$/;

const checkDeclaration = (declaration: Fields, path: string): void => {
  const name = stringOf(declaration.name);
  if (!NAME.test(name)) {
    throw invalidArgument(
      `* GenerateContentRequest.${path}.name: [FIELD_INVALID] Invalid function name. Must start with a letter or an underscore. ` +
        'Must be alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 64.\n',
    );
  }
  if (declaration.parameters !== undefined && declaration.parametersJsonSchema !== undefined) {
    throw invalidArgument(
      `* GenerateContentRequest.${path}: parameters and parameters_json_schema are mutually exclusive, only one may be set\n`,
    );
  }
  if (declaration.parameters !== undefined) {
    const schema = fieldsOf(declaration.parameters);
    if (schema.type !== undefined && schema.type !== 'OBJECT') {
      throw invalidArgument(`* GenerateContentRequest.${path}.parameters: schema should be of type OBJECT\n`);
    }
    checkOpenApiSchema(schema, `${path}.parameters`);
  }
  if (declaration.parametersJsonSchema !== undefined) {
    checkJsonSchema(declaration.parametersJsonSchema, `${path}.parameters_json_schema`);
  }
};

const checkChoice = (request: Fields, names: readonly string[]): void => {
  const config = fieldsOf(fieldsOf(request.toolConfig).functionCallingConfig);
  const allowed = listOf(config.allowedFunctionNames).map(stringOf);
  if (config.mode !== undefined && config.mode !== 'NONE' && config.mode !== 'AUTO' && names.length === 0) {
    throw invalidArgument('Function calling config is set without function_declarations.');
  }
  if (allowed.length > 0 && config.mode !== 'ANY' && config.mode !== 'VALIDATED') {
    throw invalidArgument('Please set allowed_function_names only when function calling mode is ANY.');
  }
  const stranger = allowed.find((name) => !names.includes(name));
  if (stranger !== undefined) {
    throw invalidArgument(
      `Function name \`${stranger}\` in allowed_function_names is not among the function declarations.`,
    );
  }
};

/** Tools, and the choice between them. */
export const checkTools = (door: Door, model: Model, request: Fields): void => {
  fieldsListOf(request.tools).forEach((tool, t) => {
    fieldsListOf(tool.functionDeclarations).forEach((declaration, d) => {
      checkDeclaration(declaration, `tools[${t}].function_declarations[${d}]`);
    });
  });
  const names = declarationsOf(request).map((declaration) => stringOf(declaration.name));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw invalidArgument(`Duplicate function declaration found: ${twice}`);
  checkChoice(request, names);

  const builtIn = BUILT_IN.filter((name) => hasTool(request, name));
  if (names.length > 0 && builtIn.length > 0) {
    if (model.generation !== '3') throw invalidArgument('Tool use with function calling is unsupported');
    if (door === 'gemini-api' && fieldsOf(request.toolConfig).includeServerSideToolInvocations !== true) {
      throw invalidArgument(
        'Please enable tool_config.include_server_side_tool_invocations to use Built-in tools with Function calling.',
      );
    }
  }
  if (model.kind === 'image' && (names.length > 0 || hasTool(request, 'codeExecution'))) {
    throw invalidArgument(
      names.length > 0
        ? 'Function calling is not enabled for this model'
        : 'Code execution is not enabled for this model',
    );
  }
};
