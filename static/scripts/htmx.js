// htmx, and one thing it should not do: it notes the address of each page in the browser's storage.
import htmx from "htmx.org";

window.htmx = htmx;
try {
  window.sessionStorage.removeItem("htmx-current-path-for-history");
} catch {
  // A browser that has no storage kept nothing.
}
