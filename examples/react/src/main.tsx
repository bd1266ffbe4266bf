import { type FormEvent, StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { LiveVideo } from './LiveVideo';

const server = new URLSearchParams(location.search).get('server') ?? 'http://127.0.0.1:8000';

function App() {
  const [prompt, setPrompt] = useState('waves at dusk, slow and blue');
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setPrompt(String(new FormData(event.currentTarget).get('words')));
  };
  return (
    <main>
      <LiveVideo url={server} prompt={prompt} />
      <form onSubmit={submit}>
        <input name="words" defaultValue={prompt} size={50} aria-label="What is to be seen" />
        <button type="submit">Next segment</button>
      </form>
    </main>
  );
}

const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
