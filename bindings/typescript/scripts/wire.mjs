// usage: wire.mjs DOCUMENT: prints the types of the objects of the wire from an OpenAPI document of the server. `.ci/generate`
// keeps what it prints.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const document = process.argv[2];
const source = join(here, '..', '..', 'syfthub-server', document);

const HEAD = `// Made from syfthub-server/${document} by \`make generate\`; changes belong there.

`;

/** The name of a field as the native half spells it: the rule is \`camel\` in bindings/calls. */
function camel(name) {
  return name.replace(/(?<=.)_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}

function comment(text, indent) {
  if (text === undefined) return '';
  const lines = text.replaceAll(/ \(contract [^)]*\)/g, '').replaceAll('*/', '* /').split('\n');
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`;
}

/** The TypeScript type of a schema. */
function typeOf(schema, indent) {
  if (schema === true || Object.keys(schema).every((key) => ['description', 'default'].includes(key))) return 'unknown';
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const several = schema.oneOf ?? schema.anyOf;
  if (several !== undefined) return several.map((one) => typeOf(one, indent)).join(' | ');
  if (schema.allOf !== undefined) return schema.allOf.map((one) => typeOf(one, indent)).join(' & ');
  const types = [schema.type].flat();
  return types.map((type) => plainType(type, schema, indent)).join(' | ');
}

function plainType(type, schema, indent) {
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    case 'integer':
    case 'number':
      return 'number';
    case 'array': {
      if (schema.prefixItems !== undefined) {
        return `[${schema.prefixItems.map((one) => typeOf(one, indent)).join(', ')}]`;
      }
      const item = typeOf(schema.items ?? true, indent);
      return item.includes(' ') ? `(${item})[]` : `${item}[]`;
    }
    case 'object':
      return objectType(schema, indent);
    default:
      throw new Error(`no type for ${JSON.stringify(schema)}`);
  }
}

function objectType(schema, indent) {
  if (schema.properties === undefined) {
    const values = schema.additionalProperties;
    return `Record<string, ${values === undefined || values === true ? 'unknown' : typeOf(values, indent)}>`;
  }
  return `{\n${fields(schema, `${indent}  `, true)}${indent}}`;
}

function fields(schema, indent, sent) {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties)
    .map(([name, field]) => {
      const described = field.description ?? field.oneOf?.find((one) => one.description !== undefined)?.description;
      const type = typeOf(field, indent);
      // What a hub leaves out of an answer is read with its default, so that only what may be null can be missing.
      const there = required.has(name) || (!sent && !type.endsWith('| null'));
      const declared = there ? `: ${type}` : `?: ${type}${sent ? ' | undefined' : ''}`;
      return `${comment(described, indent)}${indent}${camel(name)}${declared};\n`;
    })
    .join('');
}

/** The names of the schemas that `part` of the document refers to, and of those that they refer to. */
function reached(part, schemas, names = new Set()) {
  if (part === null || typeof part !== 'object') return names;
  for (const [key, value] of Object.entries(part)) {
    if (key === '$ref') {
      const name = value.split('/').at(-1);
      if (names.has(name)) continue;
      names.add(name);
      reached(schemas[name], schemas, names);
    } else {
      reached(value, schemas, names);
    }
  }
  return names;
}

function declaration([name, schema], sent) {
  const about = comment(schema.description, '');
  const plain = schema.type === 'object' && schema.properties !== undefined;
  if (plain) return `${about}export interface ${name} {\n${fields(schema, '  ', sent.has(name))}}\n`;
  return `${about}export type ${name} = ${typeOf(schema, '')};\n`;
}

const { components, paths } = JSON.parse(readFileSync(source, 'utf8'));
const routes = Object.values(paths).flatMap((path) => Object.values(path));
const sent = reached(routes.map((route) => route.requestBody ?? {}), components.schemas);
const declared = Object.entries(components.schemas).map((one) => declaration(one, sent));
process.stdout.write(HEAD + declared.join('\n'));
