// The bundle lies in dist/ and is served below /console/; `hatch_build.py` builds it when Isinglass is installed.
import { defineConfig } from "vite";

export default defineConfig({
  base: "/console/",
  build: {
    rolldownOptions: { input: { graphiql: "graphiql.html" }, onLog: (level, log, tell) => log.code === "MODULE_LEVEL_DIRECTIVE" || tell(level, log) },
    chunkSizeWarningLimit: 4_000, // Monaco, the editor, is one piece
  },
});
