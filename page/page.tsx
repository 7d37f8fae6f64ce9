/**
 * The page of `samocode view`.
 *
 * @module
 */
import { render } from "preact";
import { keepActingKey } from "./api.ts";
import { App } from "./app.tsx";
import { openAttention } from "./attention.ts";
import { openKeys } from "./keys.ts";
import { openStore } from "./store.ts";
import { openTheme } from "./theme.ts";
import "./styles/base.css";
import "./styles/list.css";
import "./styles/session.css";
import "./styles/document.css";

await keepActingKey();
openTheme();
openKeys();
openStore();
openAttention();
const place = document.getElementById("app");
if (place !== null) render(<App />, place);
