/**
 * The JSON Schema of a managed entry file, made of the valibot schema that wsyard itself reads by, with the words of
 * PROTOCOL.md. Writing it down is `write-schema.js`'s part.
 */
import { toJsonSchema } from '@valibot/to-json-schema'

/** The rules that JSON Schema cannot say; the words of PROTOCOL.md in the descriptions say them. */
const unsayable = /^must be JSON of at most \d+ bytes$/

/**
 * @param {import('valibot').GenericSchema} schema of a managed entry
 * @param {string} protocol the text of PROTOCOL.md
 * @throws {Error} for a rule that would be lost in the JSON Schema without a word.
 */
export function entryJsonSchema(schema, protocol) {
  const { $schema, type, properties, required } = toJsonSchema(schema, {
    target: 'draft-2020-12',
    overrideSchema: ({ valibotSchema }) =>
      messageOf(valibotSchema) === 'must be an object' ? { type: 'object' } : undefined,
    overrideAction({ valibotAction, jsonSchema }) {
      if (unsayable.test(String(messageOf(valibotAction)))) return jsonSchema
      // Validators may take `format` for a mere remark, so the pattern stands beside it.
      if (valibotAction.type === 'iso_timestamp') return { ...jsonSchema, pattern: patternOf(valibotAction) }
      if (valibotAction.type === 'regex') return { ...jsonSchema, pattern: patternOf(valibotAction) }
      return undefined
    },
  })
  const rules = rulesIn(protocol)
  const described = Object.entries(properties ?? {}).map(([field, rule]) => {
    const description = rules.get(field)
    if (description === undefined)
      throw new Error(`PROTOCOL.md has no row for the field "${field}": add one.`)
    return [field, { description, ...Object(rule) }]
  })
  return {
    $schema,
    $id: 'https://unpkg.com/wsyard/schema/entry.schema.json',
    title: 'wsyard registry entry',
    description:
      "A managed entry: what a server writes into servers.d/<id>.json in the registry's directory, at most 8192 " +
      'bytes. PROTOCOL.md in the same package is normative.',
    type,
    properties: Object.fromEntries(described),
    required,
  }
}

/** The file's text, byte for byte. */
export function entryJsonSchemaText(/** @type {Parameters<typeof entryJsonSchema>} */ ...given) {
  return `${JSON.stringify(entryJsonSchema(...given), null, 2)}\n`
}

/** The column "rule" of the table of fields, by field. */
function rulesIn(/** @type {string} */ protocol) {
  const rows = protocol.matchAll(/^\| `(\w+)` +\| (?:string|number|object)[^|]*\| ([^|]+?) +\|/gm)
  return new Map([...rows].map(([, field = '', rule = '']) => [field, rule.replaceAll('`', '')]))
}

/** The source of a regular expression, without `\w`, which is more than ASCII in some languages. */
function patternOf(/** @type {object} */ action) {
  const { requirement } = /** @type {{ requirement: RegExp }} */ (action)
  return requirement.source.replaceAll('\\w', 'A-Za-z0-9_')
}

/** @returns {unknown} */
function messageOf(/** @type {object} */ part) {
  return 'message' in part ? part.message : undefined
}
