// An OpenAI-compatible endpoint that answers at once.
import { createServer } from 'node:http';

const answer = Buffer.from(
  JSON.stringify({
    id: 'x',
    object: 'chat.completion',
    created: 0,
    model: 'instant',
    choices: [
      { index: 0, message: { role: 'assistant', content: 'a red fox in deep snow' }, finish_reason: 'stop' },
    ],
  }),
);
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length });
    response.end(answer);
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
