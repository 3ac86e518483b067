// Brings files to the server piece by piece, so that a bad link costs nothing. Without this script the same form posts the same files.
import { FileUpload } from "govuk-frontend/dist/govuk/components/file-upload/file-upload.mjs";
import { sameName, Server, Transfer } from "./transfer.js";
import { fill, makeRow, showRow, showTotal, texts, words, writer } from "./upload-rows.js";

const AT_ONCE = 2;
// A page opened in another tab, too, need not warn of an end that an upload puts off.
const tabs = "BroadcastChannel" in window ? new BroadcastChannel("session") : null;

const DATE_PARTS = [["year", 4], ["month", 2], ["day", 2]];

/** What the form says of its files: the answers beside them, a date as YYYY-MM-DD. */
function answersIn(form) {
  const part = ([name, width]) => form.elements[`issued-${name}`]?.value.trim().padStart(width, "0") ?? "";
  const issued = DATE_PARTS.map(part).join("-");
  const replaces = new FormData(form).get("replaces");
  return { ...(/[1-9]/.test(issued) ? { issued } : {}), ...(replaces ? { replaces } : {}) };
}

class UploadForm {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector("input[type=file]");
    this.told = texts(form);
    this.format = writer(document.documentElement.lang);
    this.server = new Server(form.dataset.uploads, form.dataset.token, document.documentElement.lang);
    this.rows = new Map();
    this.quarter = 0;
    this.listen();
    this.list();
  }

  listen() {
    const box = (name) => this.form.querySelector(`[data-${name}]`);
    this.input.addEventListener("change", () => this.choose());
    this.form.addEventListener("submit", (event) => this.submit(event));
    box("pause-all").addEventListener("click", () => this.together("pause", ["queued", "sending", "waiting"], box("go-on-all")));
    box("go-on-all").addEventListener("click", () => this.together("queue", ["paused"], box("pause-all")));
    document.addEventListener("htmx:load", () => this.once());
    document.addEventListener("page:replaced", () => this.once());
    window.addEventListener("online", () => this.wake());
    window.addEventListener("offline", () => this.all("sending").forEach((one) => one.fail(0, "")));
    window.addEventListener("beforeunload", (event) => {
      if (this.all("queued", "sending", "waiting").length) event.preventDefault();
    });
  }

  part(name) {
    return this.form.querySelector(`[data-upload-${name}]`);
  }

  all(...states) {
    return [...this.rows.keys()].filter((one) => states.includes(one.state));
  }

  add(facts) {
    const hooks = { changed: (one) => this.changed(one), kept: () => tabs?.postMessage("kept") };
    const transfer = new Transfer(this.server, facts, hooks);
    const go = (one) => {
      one.queue(answersIn(this.form));
      this.pump();
    };
    const item = makeRow(this.form, transfer, { pause: (one) => one.pause(), "go-on": go, again: go, remove: (one) => this.remove(one) });
    this.rows.set(transfer, item);
    this.part("list").append(item);
    this.part("files").hidden = false;
    this.changed(transfer);
    return transfer;
  }

  /** Ask the server what began here and did not end: in a tab that was closed, or on a device that was switched off. */
  async list() {
    try {
      for (const one of await this.server.unfinished()) {
        // Somebody may have been quicker to choose the file than the server to answer.
        const chosen = this.all("ready", "queued").find((other) => !other.url && other.isOf(one));
        if (chosen) chosen.at(one.url);
        else if (!this.server.taken.has(one.url)) this.add({ ...one, sent: one.offset });
      }
      this.once();
      this.listed = true;
    } catch ({ status }) {
      if (status === 401) this.signedOut();
    }
  }

  choose() {
    const files = [...this.input.files];
    if (!files.length) return;
    for (const file of files) this.take(file);
    // More can be chosen: what was is in the list now.
    this.input.value = "";
    this.input.dispatchEvent(new Event("change"));
    this.say("");
    this.pump();
  }

  take(file) {
    const same = [...this.rows.keys()].filter((one) => one.state !== "done" && one.isOf(file));
    const waiting = same.find((one) => one.waits);
    if (waiting) {
      waiting.give(file);
      waiting.queue(answersIn(this.form));
    } else if (!same.length) {
      const transfer = this.add({ file });
      if (!file.size) transfer.to("failed", "empty");
      else if (file.size > Number(this.form.dataset.maxBytes)) transfer.to("failed", "too-large");
      else if (this.isGiven(file)) transfer.to("failed", "given");
    }
  }

  // Who comes back after a cut chooses all files again, and need not know which of them had arrived.
  isGiven(file) {
    const arrived = [...document.querySelectorAll("[data-arrived-size]")].map((one) => one.dataset);
    return arrived.some((one) => Number(one.arrivedSize) === file.size && sameName(one.arrivedName, file.name));
  }

  submit(event) {
    const ready = this.all("ready");
    // With nothing chosen the plain form goes off, and its page says so at the question.
    if (!ready.length && !this.all("queued", "sending", "waiting", "paused", "failed").length) return;
    event.preventDefault();
    for (const one of ready) one.queue(answersIn(this.form));
    this.pump();
  }

  together(act, states, next) {
    for (const one of this.all(...states)) one[act]();
    this.pump();
    // The button that was pressed has made way for the other.
    if (!next.hidden) next.focus();
  }

  // One after the other is announced to the server, so that pages keep the order in which they were chosen.
  pump() {
    const busy = [...this.rows.keys()].filter((one) => one.busy);
    if (busy.length < AT_ONCE && busy.every((one) => one.url)) this.all("queued")[0]?.begin();
  }

  wake() {
    if (!this.listed) this.list();
    for (const one of this.all("waiting", "failed")) one.wake();
  }

  changed(transfer) {
    const item = this.rows.get(transfer);
    if (!item) return;
    showRow(item, transfer, this.told, this.format);
    const share = showTotal(this.form, [...this.rows.keys()], this.told, this.format);
    if (item.dataset.shown !== transfer.state) this.turned(item, transfer);
    this.announce(share);
    this.pump();
  }

  /** What is in our list is on its way: the page's list of what was given need not show it too. */
  once() {
    const here = [...this.rows.keys()].map((one) => one.url);
    for (const item of document.querySelectorAll("[data-uploading]")) item.hidden = here.some((url) => url.endsWith(`/${item.dataset.uploading}`));
    const place = document.getElementById(this.form.dataset.given);
    if (place) place.hidden = false;
    const items = [...(place?.querySelectorAll("li") ?? [])];
    if (items.length && items.every((one) => one.closest("[hidden]"))) place.hidden = true;
  }

  /** A file came to stand otherwise. */
  turned(item, transfer) {
    const before = item.dataset.shown;
    item.dataset.shown = transfer.state;
    if (transfer.state === "failed") this.failed(transfer);
    if (transfer.state === "waiting") this.say(words(transfer, this.told, this.format));
    if (before === "waiting" && transfer.state === "sending" && !this.all("waiting").length) this.say("");
    if (transfer.state === "done") this.arrived();
  }

  failed(transfer) {
    if (transfer.reason === "signed-out") this.signedOut();
    else if (transfer.reason === "foreign" && ![...this.rows.keys()].some((one) => one.url)) this.plain();
    else this.say(fill(this.told.failed, { name: transfer.name, reason: words(transfer, this.told, this.format) }));
  }

  signedOut() {
    for (const one of this.all("queued", "sending", "waiting")) one.pause();
    this.part("signed-out").hidden = false;
  }

  /** Nobody speaks tus here: the form posts the files itself, as it does without script. */
  plain() {
    const files = new DataTransfer();
    for (const one of this.all("ready", "queued", "failed")) if (one.file && one.reason !== "too-large") files.items.add(one.file);
    for (const one of this.all("queued")) one.pause();
    this.input.files = files.files;
    this.form.submit();
  }

  /** Read aloud: each quarter of the whole, and nothing between. */
  announce(share) {
    const quarter = Math.floor(share * 4);
    if (quarter === this.quarter || !this.all("sending").length) return;
    if (quarter > this.quarter && quarter < 4) this.say(fill(this.told.sending, { percent: this.format.percent(quarter / 4) }));
    this.quarter = quarter;
  }

  say(text) {
    const place = this.part("live");
    if (place.textContent !== text) place.textContent = text;
  }

  async arrived() {
    if (!this.all("queued", "sending", "waiting", "paused").length) this.end();
    const shown = await refresh(this.form.dataset.given);
    if (shown && !this.all("queued", "sending", "waiting", "paused").length) for (const one of this.all("done")) this.drop(one);
  }

  end() {
    const [arrived, failed] = [this.all("done").length, this.all("failed").length];
    this.say(failed ? fill(this.told["end-some"], { arrived, files: arrived + failed }) : this.told.end);
    this.quarter = 0;
    if (failed) return;
    for (const [name] of DATE_PARTS) if (this.form.elements[`issued-${name}`]) this.form.elements[`issued-${name}`].value = "";
  }

  async remove(transfer) {
    if (!(await transfer.remove())) return;
    this.drop(transfer);
    this.say(fill(this.told.removed, { name: transfer.name }));
    this.pump();
  }

  // Whoever stood on a row that goes finds the next one, or the place where files are chosen.
  drop(transfer) {
    const item = this.rows.get(transfer);
    const focused = item?.contains(document.activeElement);
    this.rows.delete(transfer);
    const next = item?.nextElementSibling ?? item?.previousElementSibling;
    item?.remove();
    this.part("files").hidden = this.rows.size === 0;
    if (focused) (next?.querySelector("button:not([hidden])") ?? this.form.querySelector(".govuk-file-upload-button"))?.focus();
    showTotal(this.form, [...this.rows.keys()], this.told, this.format);
  }
}

/** Show anew what was given, in the part of the page with that id; returns whether it could be shown. */
async function refresh(id) {
  const place = document.getElementById(id);
  if (!place) return false;
  const address = location.pathname + location.search;
  const answer = await fetch(address, { headers: { "HX-Request": "true", "HX-Target": id } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return false;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const stood = place.contains(document.activeElement) ? document.activeElement.id : "";
  place.replaceChildren(...fresh.body.childNodes);
  if (stood) document.getElementById(stood)?.focus();
  place.dispatchEvent(new CustomEvent("page:replaced", { bubbles: true }));
  // What is being checked looks again by itself.
  window.htmx?.process(place);
  return true;
}

for (const form of document.querySelectorAll("form.upload[data-uploads]")) {
  // The box to drop files on is only the better door: without it the plain one opens the same list.
  try {
    new FileUpload(form.querySelector("[data-file-drop]"));
  } catch {
    // A browser that is too old for it.
  }
  new UploadForm(form);
}
