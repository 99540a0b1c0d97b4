// The page at /graphql: GraphiQL over the service that serves it, with the documents of samples/graphql as examples.
import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./page.css";

import { createGraphiQLFetcher, type Fetcher } from "@graphiql/toolkit";
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { exampleNamed } from "./examples";
import { EXAMPLES_PLUGIN } from "./ExamplesPlugin";
import { authorization, TOKEN_PLUGIN } from "./TokenPlugin";

const url = new URL("/graphql", window.location.href);
const socket = new URL(url);
socket.protocol = url.protocol === "https:" ? "wss:" : "ws:";

// Headers go with each request, and into a socket's first message.
const fetchFrom = createGraphiQLFetcher({ url: url.href, subscriptionUrl: socket.href });
const fetcher: Fetcher = (asked, options) =>
  fetchFrom(asked, { ...options, headers: { ...authorization(), ...options?.headers } });

createRoot(document.getElementById("page")!).render(
  <StrictMode>
    <GraphiQL
      fetcher={fetcher}
      plugins={[EXAMPLES_PLUGIN, HISTORY_PLUGIN, TOKEN_PLUGIN]}
      visiblePlugin={EXAMPLES_PLUGIN.title}
      defaultEditorToolsVisibility="variables"
      defaultTabs={[{ query: exampleNamed("list_databases").text }]}
    >
      <GraphiQL.Logo>Isinglass</GraphiQL.Logo>
    </GraphiQL>
  </StrictMode>,
);
