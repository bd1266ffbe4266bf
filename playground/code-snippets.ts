/** What a piece of code is to make. */
export interface CodeRequest {
  /** Address of the server: `http://127.0.0.1:8000`. */
  readonly server: string;
  readonly prompt: string;
  readonly seed: number | undefined;
  /** Whether the server wants a key; it is read from `FASTVIDEO_API_KEY`, and never written into the code. */
  readonly hasKey: boolean;
}

export const codeKinds = ['page', 'javascript', 'python', 'shell', 'curl'] as const;
export type CodeKind = (typeof codeKinds)[number];

/** A whole program, or page, that shows the prompt, or writes it to `video.mp4`. */
export function codeFor(kind: CodeKind, request: CodeRequest): string {
  return writers[kind](request);
}

const writers: Readonly<Record<CodeKind, (request: CodeRequest) => string>> = {
  page: ({ server, prompt }) => `<script type="module" src="${inHtml(`${server}/client.js`)}"></script>
<fastvideo-player prompt="${inHtml(prompt)}" autoplay muted controls></fastvideo-player>
`,
  javascript: ({ server, prompt, seed, hasKey }) => `// npm install fastvideo ws
import { createWriteStream } from 'node:fs';
import { Session } from 'fastvideo/client';
import { WebSocket } from 'ws';

const session = new Session({ url: ${JSON.stringify(server)},${hasKey ? ' apiKey: process.env.FASTVIDEO_API_KEY,' : ''} webSocket: WebSocket });
const file = createWriteStream('video.mp4');
for await (const event of session.generate({ prompt: ${JSON.stringify(prompt)}${seed === undefined ? '' : `, seed: ${seed}`} })) {
  if (event.type === 'init' || event.type === 'media') file.write(event.data);
}
file.end();
await session.close();
`,
  python: ({ server, prompt, seed, hasKey }) => `# pip install websockets
import asyncio
import json
${hasKey ? 'import os\n' : ''}
import websockets

URL = ${JSON.stringify(`${server.replace(/^http/, 'ws')}/v1/stream`)}${hasKey ? ' + "?api_key=" + os.environ["FASTVIDEO_API_KEY"]' : ''}
REQUEST = {"type": "segment_prompt_source", "prompt": ${JSON.stringify(prompt)}${seed === undefined ? '' : `, "seed": ${seed}`}}


async def main():
    async with websockets.connect(URL, max_size=None) as socket:
        await socket.send(json.dumps({"type": "session_init_v2"}))
        await socket.send(json.dumps(REQUEST))
        with open("video.mp4", "wb") as film:
            async for message in socket:
                if isinstance(message, bytes):
                    film.write(message)
                    continue
                frame = json.loads(message)
                if frame["type"] == "error":
                    raise SystemExit(frame["message"])
                if frame["type"] == "ltx2_segment_complete":
                    return


asyncio.run(main())
`,
  shell: ({ server, prompt, seed }) =>
    `npx fastvideo stream --url ${inShell(server)}${seed === undefined ? '' : ` --seed ${seed}`} -o video.mp4 -- ${inShell(prompt)}\n`,
  // What is asked for is there once its turn has come.
  curl: ({ server, prompt, seed, hasKey }) => {
    const key = hasKey ? ' -H "Authorization: Bearer $FASTVIDEO_API_KEY"' : '';
    const fields = [`prompt=${prompt}`, ...(seed === undefined ? [] : [`seed=${seed}`])];
    const form = fields.map((field) => ` --form-string ${inShell(field)}`).join('');
    const videos = inShell(`${server}/v1/videos`);
    return `id=$(curl -sS --fail${key} ${videos}${form} | sed 's/^{"id":"\\([^"]*\\)".*/\\1/')
curl -sS --fail --retry 600 --retry-delay 1 --retry-all-errors${key} -o video.mp4 ${videos}"/$id/content"
`;
  },
};

function inHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

function inShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
