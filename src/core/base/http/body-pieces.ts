import type { FastifyInstance } from 'fastify';

/** A body may come in so many pieces, however small; beyond them the pieces must have a size that is worth sending. */
const mostSmallPieces = 1024;
const leastBytesPerPiece = 64;

/**
 * Cuts off a client whose body comes in very many small chunks: each is an object of some hundred bytes that is kept until
 * the body is whole, so that 1 MiB of them holds 350 MiB of memory. `onRefused` is called before.
 */
export function refuseSmallPieces(app: FastifyInstance, onRefused: () => void): void {
  app.addHook('preParsing', (request, _reply, payload, done) => {
    let pieces = 0;
    let bytes = 0;
    payload.on('data', (piece: Buffer) => {
      pieces += 1;
      bytes += piece.length;
      if (pieces <= mostSmallPieces || bytes >= pieces * leastBytesPerPiece) return;
      if (!request.raw.destroyed) onRefused();
      request.raw.destroy();
    });
    done(null, payload);
  });
}
