import { stringify } from 'yaml';
import { clientExamples, serverExamples } from './examples.ts';
import { clientFrameSchemas, type FrameSchema, framesOf, serverFrameSchemas } from './schemas.ts';

const generatedNote =
  '# Written by `npm run docs` from src/core/protocol/native; changes made here are lost.\n';

const binaryMessages = {
  init_segment: {
    name: 'init_segment',
    title: 'Initialization segment (binary)',
    summary: 'First binary frame after `media_init`: `ftyp` and `moov`, nothing else.',
    contentType: 'video/mp4',
    payload: { type: 'string', format: 'binary' },
  },
  media_segment: {
    name: 'media_segment',
    title: 'Media segment (binary)',
    summary: 'One or more whole `moof` and `mdat` pairs; `tfdt` goes on from segment to segment.',
    contentType: 'video/mp4',
    payload: { type: 'string', format: 'binary' },
  },
};

/** The AsyncAPI 3.0 document of the native dialect, seen from the server: it receives client frames and sends its own. */
export function asyncApiDocument(version: string): object {
  const client = clientFrameSchemas();
  const server = serverFrameSchemas();
  const clientFrames = framesOf(client);
  const serverFrames = framesOf(server);
  const serverNames = [...serverFrames.map(({ id }) => id), ...Object.keys(binaryMessages)];
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'fastvideo native stream',
      version,
      description:
        'Prompts in, live video out, over one WebSocket. Text frames are one JSON object each; binary frames, server to client only, are fragmented MP4. The order of the frames is told in docs/protocol.md.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    servers: {
      local: {
        host: '127.0.0.1:8000',
        protocol: 'ws',
        description: 'A `fastvideo serve` or `fastvideo mock` on this machine.',
      },
    },
    channels: {
      stream: {
        address: '/v1/stream',
        title: 'Native dialect',
        description: 'The first frame of a client is `session_init_v2`.',
        messages: refs([...clientFrames.map(({ id }) => id), ...serverNames], '#/components/messages'),
        bindings: {
          ws: {
            method: 'GET',
            query: {
              type: 'object',
              properties: {
                api_key: {
                  type: 'string',
                  description: 'Where `server.api_keys` is set and no header can be sent.',
                },
              },
            },
          },
        },
      },
    },
    operations: {
      receiveClientFrame: operation(
        'receive',
        'What a client sends.',
        clientFrames.map(({ id }) => id),
      ),
      sendServerFrame: operation('send', 'What the server sends.', serverNames),
    },
    components: {
      messages: {
        ...messages(clientFrames, clientExamples),
        ...messages(serverFrames, serverExamples),
        ...binaryMessages,
      },
      schemas: toComponents({ ...client.$defs, ...server.$defs }),
    },
  };
}

export function asyncApiYaml(version: string): string {
  const body = stringify(asyncApiDocument(version), { aliasDuplicateObjects: false, lineWidth: 110 });
  return generatedNote + body;
}

function operation(action: 'send' | 'receive', summary: string, ids: readonly string[]): object {
  return {
    action,
    channel: { $ref: '#/channels/stream' },
    summary,
    messages: ids.map((id) => ({ $ref: `#/channels/stream/messages/${id}` })),
  };
}

function messages(frames: readonly FrameSchema[], examples: Readonly<Record<string, object>>): object {
  return Object.fromEntries(
    frames.map(({ id, type, schema }) => [
      id,
      {
        name: type,
        title: type,
        summary: schema.description,
        payload: { $ref: `#/components/schemas/${id}` },
        examples: [{ name: type, payload: examples[type] }],
      },
    ]),
  );
}

function refs(ids: readonly string[], base: string): Record<string, { readonly $ref: string }> {
  return Object.fromEntries(ids.map((id) => [id, { $ref: `${base}/${id}` }]));
}

function toComponents(defs: object): object {
  const text = JSON.stringify(defs).replaceAll('"#/$defs/', '"#/components/schemas/');
  return JSON.parse(text) as object;
}
