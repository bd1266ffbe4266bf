/** The classifiers' process: a run of a model blocks the thread it is on and cannot be cancelled, but a process can be killed. */
import { errorMessage, FastVideoError } from '../../base/errors.ts';
import { ClassifierChain } from '../classifiers/classifier-chain.ts';
import { type FromClassifiers, type ToClassifiers, ToClassifiersSchema } from './messages.ts';

let chain: ClassifierChain | undefined;
let work = Promise.resolve();

// Ctrl-C in the terminal reaches this process too; when it ends is for the server to decide.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('disconnect', () => process.exit(0));
process.on('message', (value) => {
  const message = ToClassifiersSchema.parse(value);
  work = work.then(() => handle(message));
});

async function handle(message: ToClassifiers): Promise<void> {
  switch (message.type) {
    case 'start':
      try {
        chain = await ClassifierChain.open(message.classifiers);
        send({ type: 'ready' });
      } catch (error) {
        // A model that is not fit for its setting is the setting's fault; anything else is a failed start.
        const isSetting = error instanceof FastVideoError && error.code === 'config_invalid';
        const code = isSetting ? 'config_invalid' : 'start_failed';
        send({ type: 'start_failed', code, message: errorMessage(error) });
      }
      return;
    case 'check': {
      const { id, prompts } = message;
      try {
        if (!chain) throw new Error('The classifiers have not been loaded.');
        send({ type: 'checked', id, verdicts: await chain.check(prompts) });
      } catch (error) {
        send({ type: 'check_failed', id, message: errorMessage(error) });
      }
      return;
    }
  }
}

function send(message: FromClassifiers): void {
  // A channel that has closed says so with `disconnect`.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}
