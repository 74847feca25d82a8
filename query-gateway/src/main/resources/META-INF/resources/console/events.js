// Server-sent events with the user's token, which the browser's own EventSource cannot send.
import { request } from "./api.js";

/**
 * Hears events until the other side ends.
 *
 * @param heard is given name and data of each
 * @param signal ends it from this side
 */
export async function follow(path, heard, signal) {
  const response = await request(path, { headers: { Accept: "text/event-stream" }, signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      tell(text.slice(0, end), heard);
      text = text.slice(end + 2);
    }
  }
}

function tell(event, heard) {
  let name = "message";
  const data = [];
  for (const line of event.split("\n")) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).trim());
  }
  if (data.length === 0) return;
  try {
    heard(name, JSON.parse(data.join("\n")));
  } catch {
    // What cannot be read tells nothing; the page asks now and then anyway.
  }
}
