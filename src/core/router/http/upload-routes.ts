import type { FastifyInstance } from 'fastify';
import { uploadIdPart, uploadPaths } from '../../protocol/http/uploads.ts';
import type { ReplicaRegistry } from '../replicas/registry.ts';
import { ask, noReplica, pass, usable } from './ask-replica.ts';

/** As large as a replica takes one by default; a replica with a lower limit says so itself. */
const largest = 2 ** 25;
const mimes = ['image/png', 'image/jpeg', 'image/jpg', 'image/webp'];

/**
 * Pictures for projects of `/ws`: an upload goes to all replicas, so that whichever serves the session has it. Its id is the
 * same at all of them.
 */
export function registerUploadRoutes(
  app: FastifyInstance,
  { registry }: { readonly registry: Pick<ReplicaRegistry, 'replicas'> },
): void {
  for (const mime of mimes) {
    app.addContentTypeParser(mime, { parseAs: 'buffer', bodyLimit: largest }, (_, body, done) =>
      done(null, body),
    );
  }
  for (const path of uploadPaths) {
    app.post(path, async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const contentType = request.headers['content-type'] ?? '';
      const upload = { method: 'POST', path, body, contentType, headers: ['x-asset-name'] } as const;
      const answers = await Promise.all(
        usable(registry.replicas).map((replica) => ask(replica, request, upload)),
      );
      // One that does not take it cannot serve the session; the uploader is told.
      const answer = answers.find(({ status }) => status !== 201) ?? answers[0];
      return await (answer ? pass(reply, answer) : noReplica(reply));
    });
    app.get<{ Params: { id: string } }>(`${path}/${uploadIdPart}`, async (request, reply) => {
      const question = { method: 'GET', path: `${path}/${request.params.id}` } as const;
      for (const replica of usable(registry.replicas)) {
        const answer = await ask(replica, request, question);
        if (answer.status === 200) return await pass(reply, answer);
      }
      return await reply
        .code(404)
        .send({ code: 'not_found', message: 'This picture is not there any more.' });
    });
    app.delete<{ Params: { id: string } }>(`${path}/${uploadIdPart}`, async (request, reply) => {
      const question = { method: 'DELETE', path: `${path}/${request.params.id}` } as const;
      const answers = await Promise.all(
        usable(registry.replicas).map((replica) => ask(replica, request, question)),
      );
      const answer =
        answers.find(({ status }) => status === 409) ??
        answers.find(({ status }) => status === 204) ??
        answers[0];
      return await (answer ? pass(reply, answer) : noReplica(reply));
    });
  }
}
