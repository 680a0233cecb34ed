/**
 * What a tool of ours is, and how it is told to the protocol's library: with schemas both ways, its answer as structured content and
 * as text, and failures as answers that a model can read.
 */
import {
  fromJsonSchema,
  type JSONObject,
  type JsonSchemaType,
  type McpServer,
  type ToolAnnotations,
} from '@modelcontextprotocol/server'
import { reasonOf, WsyardError } from '../../core/index.js'

export interface Tool<Input> {
  readonly title: string
  /** For a model: what it does, what it answers, and its limits. */
  readonly description: string
  /** The properties of its input, of which those in `required` must be there, and no others may. */
  readonly input: Properties
  readonly required?: readonly (keyof Input & string)[]
  /** Those of its answer. */
  readonly output: Properties
  readonly outputRequired: readonly string[]
  readonly annotations: ToolAnnotations
  /** @param signal aborts when the client does not wait for the answer any more. */
  call(input: Input, signal: AbortSignal): Promise<object>
}

export type Properties = Readonly<Record<string, JsonSchemaType>>

/** @typeParam Input what `input` and `required` say, as a type */
export function registerTool<Input>(server: McpServer, name: string, tool: Tool<Input>): void {
  const { title, description, annotations, input, required = [], output, outputRequired, call } = tool
  const config = {
    title,
    description,
    annotations,
    inputSchema: fromJsonSchema<Input>(objectOf(input, required)),
    outputSchema: fromJsonSchema(objectOf(output, outputRequired)),
  }
  server.registerTool(name, config, async (given, { mcpReq }) => {
    try {
      const text = JSON.stringify(await call(given, mcpReq.signal))
      const structuredContent: JSONObject = JSON.parse(text)
      return { content: [{ type: 'text', text }], structuredContent }
    } catch (error) {
      const code = error instanceof WsyardError ? ` [${error.code}]` : ''
      return { content: [{ type: 'text', text: `${reasonOf(error)}${code}` }], isError: true }
    }
  })
}

function objectOf(properties: Properties, required: readonly string[]): JsonSchemaType {
  return { type: 'object', properties, required: [...required], additionalProperties: false }
}
