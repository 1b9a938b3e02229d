// The strip: the console's keys in 96 pixels. S opens the whole console.

import { begin } from "/assets/window/desk.js";

begin({ strip: () => document.querySelector(".strip-wait a").click() });
