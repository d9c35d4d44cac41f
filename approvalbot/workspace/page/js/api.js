// The local API. Every call names the person this tab shows, so that an old tab cannot act as somebody else.

import { state } from "./state.js";

export class Refused extends Error {
  constructor(sentence, status) {
    super(sentence);
    this.status = status;
  }
}

async function call(method, path, body) {
  const headers = { accept: "application/json" };
  if (state.me) headers["x-acting-as"] = state.me.id;
  if (body !== undefined) headers["content-type"] = "application/json";
  let response;
  try {
    response = await fetch(`/local/${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Refused("The local workspace does not answer. Is it still running?", 0);
  }
  const answer = await response.json();
  if (!response.ok) throw new Refused(answer.error ?? `HTTP ${response.status}`, response.status);
  return answer;
}

export const get = (path) => call("GET", path);
export const post = (path, body = {}) => call("POST", path, body);
export const remove = (path) => call("DELETE", path);
