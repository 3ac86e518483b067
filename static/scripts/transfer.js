// One file on its way to the server by tus: what is cut is tried again, later and later, from where the server says it stopped.
// The parts of the tus client are taken one by one: its front door writes into the browser's storage.
import HttpStack from "tus-js-client/lib/browser/httpStack.js";
import FileSource from "tus-js-client/lib/browser/sources/FileSource.js";
import BaseUpload from "tus-js-client/lib/upload.js";

const SECOND = 1000;
const PAUSES = [1, 2, 4, 8, 15, 30, 60, 60, 60, 60, 60, 60].map((seconds) => seconds * SECOND);
// A link that is dead without saying so shows in nothing moving for this long.
const STANDSTILL = 60 * SECOND;
// Proxies may hold a request back until it is whole: what one of them loses is never more than this.
const STRETCH = 10 * 1024 * 1024;
const REQUEST_TIME = 30 * SECOND;
// The upload is held by a request that the server does not yet know to be cut, or the server itself is in trouble.
const PASSING = [0, 408, 409, 423, 425, 429, 460];
const NOT_SPOKEN = [404, 405, 412, 415, 501];
const LONGEST_NAME = 100;

/** What an answer means that is no success: "passing" is worth another try, "foreign" speaks no tus. */
function meaning(status) {
  if (PASSING.includes(status) || (status >= 500 && status !== 501)) return "passing";
  return status === 401 ? "signed-out" : NOT_SPOKEN.includes(status) ? "foreign" : "refused";
}

/** Whether a file has that name: the server keeps names without marks that cannot be seen, and cuts long ones. */
export function sameName(one, other) {
  const [left, right] = [one, other].map((name) => name.normalize("NFC").replace(/[\p{C}\p{Z}]/gu, "").slice(0, LONGEST_NAME));
  return left === right;
}

function aKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function reasonIn(text) {
  try {
    return JSON.parse(text).detail ?? "";
  } catch {
    return "";
  }
}

/** The server's side of the uploads to one place; `language` is the one in which it gives reasons. */
export class Server {
  constructor(endpoint, token, language) {
    this.endpoint = new URL(endpoint, document.baseURI).href;
    this.headers = { Authorization: `Bearer ${token}`, "Accept-Language": language };
    this.taken = new Set();
  }

  async ask(method, url) {
    const headers = { ...this.headers, "Tus-Resumable": "1.0.0" };
    return fetch(url, { method, headers, credentials: "omit", cache: "no-store", signal: AbortSignal.timeout?.(REQUEST_TIME) });
  }

  /** What began to come here and has not ended; throws an object with the `status` of the answer, 0 without one. */
  async unfinished() {
    const answer = await this.ask("GET", this.endpoint).catch(() => ({ status: 0 }));
    if (!answer.ok) throw { status: answer.status, reason: "" };
    const list = await answer.json();
    return list.map((one) => ({ ...one, url: new URL(one.url, this.endpoint).href }));
  }

  /** Let go of an upload: "gone", or "whole" when all of it had arrived, or "kept" when nobody answered. */
  async remove(url) {
    const answer = await this.ask("DELETE", url).catch(() => ({ status: 0 }));
    if (answer.ok || answer.status === 404 || answer.status === 410) return "gone";
    return answer.status === 409 ? "whole" : "kept";
  }
}

/** A file and how far it is. `state` is one of unfinished (waits to be chosen again), ready, queued, sending, waiting (tries again by
    itself), paused, done, failed; `reason` says why it waits or failed, and `told` is that in the server's words. */
export class Transfer {
  constructor(server, { file, name, size, url = "", sent = 0, expires = "" }, { changed, kept }) {
    this.server = server;
    this.file = file;
    this.name = file?.name ?? name;
    this.size = file?.size ?? size;
    this.sent = sent;
    this.expires = expires;
    this.state = file ? "ready" : "unfinished";
    this.reason = this.told = "";
    this.tries = 0;
    this.key = aKey();
    this.changed = changed;
    this.kept = kept;
    this.answers = {};
    this.at(url);
  }

  get busy() {
    return this.state === "sending" || this.state === "waiting";
  }

  at(url) {
    this.url = url;
    if (url) this.server.taken.add(url);
  }

  to(state, reason = "", told = "") {
    Object.assign(this, { state, reason, told });
    this.changed(this);
  }

  get waits() {
    return this.state === "unfinished" || this.reason === "unreadable";
  }

  isOf(file) {
    return this.size === file.size && sameName(this.name, file.name);
  }

  /** The same file was chosen again. */
  give(file) {
    this.file = file;
    this.to("ready");
  }

  /** Wait for its turn; `answers` are what the form says of this file, by names that the server knows. */
  queue(answers = this.answers) {
    this.halt();
    this.answers = answers;
    this.tries = 0;
    this.to("queued");
  }

  pause() {
    this.halt();
    this.to("paused");
  }

  /** Stop, and let the server forget it; whether it has. What was whole by then stays: it is removed where it was given. */
  async remove() {
    this.halt();
    const outcome = this.url ? await this.server.remove(this.url) : "gone";
    if (outcome === "kept") this.to("failed", "not-removed");
    if (outcome === "whole") this.end();
    return outcome === "gone";
  }

  halt() {
    clearTimeout(this.timer);
    this.upload?.abort();
    this.upload = undefined;
  }

  begin() {
    this.halt();
    this.to("sending");
    const upload = new BaseUpload(this.file, {
      ...BaseUpload.defaultOptions,
      endpoint: this.url ? null : this.server.endpoint,
      uploadUrl: this.url || null,
      // By the key the server knows an announcement again whose answer was lost: no file comes twice.
      metadata: { filename: this.name, filetype: this.file.type, key: this.key, ...this.answers },
      headers: this.server.headers,
      chunkSize: STRETCH,
      // The pauses between tries are ours: a person sees them, ends them, and the browser's own news of the link does.
      retryDelays: null,
      storeFingerprintForResuming: false,
      fingerprint: () => Promise.resolve(null),
      fileReader: { openFile: (file) => Promise.resolve(new FileSource(file)) },
      httpStack: new HttpStack(),
      onUploadUrlAvailable: () => this.at(upload.url),
      onProgress: (sent) => this.progress(sent),
      onChunkComplete: () => {
        this.tries = 0;
        this.kept();
      },
      onSuccess: () => this.end(),
      onError: (error) => this.stopped(error),
    });
    this.upload = upload;
    this.watch();
    upload.start();
  }

  watch() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.fail(0, ""), STANDSTILL);
  }

  progress(sent) {
    this.watch();
    this.sent = sent;
    this.changed(this);
  }

  end() {
    clearTimeout(this.timer);
    this.sent = this.size;
    this.to("done");
  }

  async stopped(error) {
    const answer = error.originalResponse;
    const status = answer?.getStatus() ?? 0;
    clearTimeout(this.timer);
    if (this.url && (status === 404 || status === 410)) {
      // Its time was over: what had come is gone, the file itself is still in our hands.
      this.at("");
      this.sent = 0;
      this.key = aKey();
      this.begin();
      return;
    }
    if (!status && !(await this.readable())) this.to("failed", "unreadable");
    else if (this.state === "sending") this.fail(status, reasonIn(answer?.getBody()));
  }

  // A file that was changed or taken away since it was chosen fails like a link that is cut.
  readable() {
    return this.file.slice(0, 1).arrayBuffer().then(() => true, () => false);
  }

  fail(status, told) {
    this.halt();
    const means = meaning(status);
    if (means !== "passing") {
      this.to("failed", means, told);
      return;
    }
    const reason = status ? "busy" : "cut";
    if (this.tries >= PAUSES.length) {
      this.to("failed", reason);
      return;
    }
    this.timer = setTimeout(() => this.begin(), PAUSES[this.tries]);
    this.tries += 1;
    this.to("waiting", reason);
  }

  /** The link is back: go on at once. */
  wake() {
    if (this.state !== "waiting" && !(this.state === "failed" && this.reason === "cut")) return;
    this.tries = 0;
    this.begin();
  }
}
