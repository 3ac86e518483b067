// Says that the session is about to end, and offers to stay, without leaving a half-filled page.

const everySecond = 1000;

function text(dialog, secondsLeft) {
  if (secondsLeft <= 0) return dialog.dataset.ended;
  const minutes = Math.ceil(secondsLeft / 60);
  return minutes === 1 ? dialog.dataset.lastMinute : dialog.dataset.minutes.replace("{minutes}", minutes);
}

/** Show `dialog` when `data-warn-before` seconds are left of `data-seconds-left`; its form keeps the session. */
export function warnBeforeTheEnd(dialog) {
  const whole = Number(dialog.dataset.secondsLeft);
  const warnBefore = Number(dialog.dataset.warnBefore);
  const message = dialog.querySelector("[data-message]");
  const form = dialog.querySelector("form");
  const signIn = dialog.querySelector("[data-sign-in]");
  // A page opened or a session kept in another tab counts here too.
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("session") : null;
  let end;

  function stay() {
    end = Date.now() + whole * 1000;
    if (dialog.open) dialog.close();
  }

  function tick() {
    const left = Math.round((end - Date.now()) / 1000);
    if (left > warnBefore) return;
    const words = text(dialog, left);
    // Written only when it changes: each change is read aloud.
    if (message.textContent !== words) message.textContent = words;
    form.hidden = left <= 0;
    signIn.hidden = left > 0;
    if (!dialog.open) dialog.showModal();
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      if (!answer.ok || answer.redirected) throw new Error("the session was not kept");
      stay();
      tabs?.postMessage("kept");
    } catch {
      message.textContent = dialog.dataset.failed;
    }
  });
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  tabs?.addEventListener("message", stay);
  tabs?.postMessage("opened");
  stay();
  setInterval(tick, everySecond);
}
