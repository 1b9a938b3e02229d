// The console, and its strip: always on top where the browser can do that, else a small window of its own.

import { begin } from "/assets/window/desk.js";

const strip = `/window/${encodeURIComponent(document.body.dataset.window)}/strip`;
const SIZE = { width: 1366, height: 96 };

async function openStrip() {
  if (!("documentPictureInPicture" in window)) {
    open(strip, `strip-${document.body.dataset.window}`, `popup,width=${SIZE.width},height=${SIZE.height}`);
    return;
  }
  const small = await documentPictureInPicture.requestWindow(SIZE);
  const style = small.document.createElement("link");
  style.rel = "stylesheet";
  style.href = "/assets/window/strip.css";
  const frame = small.document.createElement("iframe");
  frame.className = "strip-frame";
  frame.src = strip;
  small.document.head.append(style);
  small.document.body.append(frame);
  frame.focus();
}

begin({ strip: openStrip });
