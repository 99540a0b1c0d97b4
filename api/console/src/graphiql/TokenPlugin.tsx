// The panel that takes a token, where the service asks for one. It is kept for this tab of the browser, and no longer.
import { useGraphiQLActions, type GraphiQLPlugin } from "@graphiql/react";
import { useState } from "react";

const KEPT = "isinglass-token";

export function authorization(): Record<string, string> {
  const token = sessionStorage.getItem(KEPT);
  return token ? { Authorization: `Bearer ${token}` } : {};
}

function Token() {
  const { introspect } = useGraphiQLActions();
  const [token, setToken] = useState(sessionStorage.getItem(KEPT) ?? "");

  function keep() {
    sessionStorage.setItem(KEPT, token.trim());
    void introspect();
  }

  return (
    <section aria-label="Token">
      <div className="graphiql-doc-explorer-title">Token</div>
      <form
        className="token"
        onSubmit={(event) => {
          event.preventDefault();
          keep();
        }}
      >
        <label>
          It goes with each request, and is asked for only if the service has users.
          <input type="password" autoComplete="off" value={token} onChange={(event) => setToken(event.target.value)} />
        </label>
        <button type="submit" className="graphiql-button">
          Use
        </button>
      </form>
    </section>
  );
}

function Icon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <circle cx="8" cy="12" r="4" />
      <path d="M12 12h9M18 12v4" />
    </svg>
  );
}

export const TOKEN_PLUGIN: GraphiQLPlugin = { title: "Token", icon: Icon, content: Token };
