// Copies lines to paste elsewhere, and follows a list. Every page can be read and used without it.
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
  });
}

// Puts what the page says now in place of the list, unless somebody is in the list.
const list = document.querySelector("[data-follow]");
const followed = document.querySelector("[data-followed]");
const look = async () => {
  if (document.hidden || list.contains(document.activeElement)) return true;
  const answer = await fetch(location.href);
  if (answer.redirected) location.reload();
  if (!answer.ok) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(list.id);
  if (fresh && fresh.innerHTML !== list.innerHTML) {
    list.replaceChildren(...fresh.childNodes);
    followed.textContent = `New at ${new Date().toLocaleTimeString()}.`;
  }
  return true;
};
const follow = async () => {
  const goes = await look().catch(() => false);
  if (goes) setTimeout(follow, list.dataset.follow * 1000);
  else followed.textContent = "The list could not be read again. Load the page to go on.";
};
if (list) setTimeout(follow, list.dataset.follow * 1000);
