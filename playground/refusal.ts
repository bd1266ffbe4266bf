interface Refusal {
  readonly sentence: string;
  /** Whether another try may go better. */
  readonly retry: boolean;
}

/**
 * Why no WebSocket could be opened. A browser does not say, but the server's HTTP side, asked with the same key,
 * does. `statusUrl` is unset where the page's security policy forbids to ask.
 */
export async function findRefusal(shown: string, statusUrl: string | undefined): Promise<Refusal> {
  const unreachable: Refusal = {
    sentence: `No connection to ${shown}. Is the server running, and does it allow this page's address?`,
    retry: true,
  };
  if (statusUrl === undefined) return unreachable;
  try {
    const response = await fetch(statusUrl);
    if (response.status === 401 || response.status === 403) {
      const remedy = 'Add the API key to the address of this page: ?api_key=YOUR_KEY';
      return { sentence: `The server refused this page. ${remedy}`, retry: false };
    }
  } catch {
    // No answer at all is what the sentence says.
  }
  return unreachable;
}
