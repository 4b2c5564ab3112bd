// Without this script a tag leads to its first evidence, and marked words to what they carry.
const walk = document.getElementById("walk");
const card = document.getElementById("card");
const said = walk.querySelector("output");
const marks = [...document.querySelectorAll("article mark")];
const links = [...document.querySelectorAll("[data-walk]:not([data-tour=''])")];

let tour = null; // { tag, stops: elements, at: index }

const carries = (mark, tag) =>
  mark.firstElementChild.dataset.tags.split(" ").some((pair) => pair.split("=")[0] === tag);

const paint = () => {
  document.body.classList.toggle("walking", tour !== null);
  for (const mark of marks) {
    const its = tour !== null && carries(mark, tour.tag);
    mark.classList.toggle("on", its);
    mark.classList.toggle("off", tour !== null && !its);
    mark.classList.toggle("now", tour !== null && tour.stops[tour.at] === mark);
  }
  walk.hidden = tour === null;
};

const go = (at) => {
  tour.at = (at + tour.stops.length) % tour.stops.length;
  paint();
  const stop = tour.stops[tour.at];
  stop.scrollIntoView({ block: "center" });
  const number = stop.closest(".paragraph").id.split("-")[1];
  const place = number === "0" ? "Summary" : `paragraph ${number}`;
  said.textContent = `${tour.tag}: ${tour.at + 1} of ${tour.stops.length}, ${place}`;
  const words = document.createElement("span");
  words.className = "hidden";
  words.textContent = `: ${stop.textContent}`;
  said.append(words);
};

const begin = (tag, stops, at = 0) => {
  tour = { tag, stops, at };
  go(at);
  walk.querySelector('[data-step="1"]').focus({ preventScroll: true });
};

const end = () => {
  const stop = tour.stops[tour.at];
  tour = null;
  paint();
  stop.firstElementChild.focus();
};

for (const link of links) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const tag = link.dataset.walk;
    if (tour?.tag === tag) {
      go(tour.at + 1);
      return;
    }
    const stops = link.dataset.tour.split(" ").map((id) => document.getElementById(id));
    begin(tag, stops);
  });
}

walk.addEventListener("click", (event) => {
  const step = event.target.closest("button")?.dataset.step;
  if (step === "0") end();
  else if (step) go(tour.at + Number(step));
});

// The card at a mark: its tags, how well these words carry each, and what each means.
const describe = (mark) => {
  card.replaceChildren();
  for (const pair of mark.firstElementChild.dataset.tags.split(" ")) {
    const [tag, score] = pair.split("=");
    const about = document.querySelector(`[data-about="${CSS.escape(tag)}"]`).cloneNode(true);
    about.removeAttribute("id");
    const words = document.createElement("p");
    words.className = "quiet";
    words.textContent = `These words: ${score}`;
    about.querySelector(".where").before(words);
    card.append(about);
  }
};

const beside = (mark) => {
  const boxes = [...mark.firstElementChild.getClientRects()];
  const above = boxes[0].top;
  const below = boxes.at(-1).bottom;
  const left = Math.min(Math.max(boxes[0].left, 16), innerWidth - card.offsetWidth - 16);
  const under = innerHeight - below > card.offsetHeight + 16 || innerHeight - below > above;
  card.style.left = `${left}px`;
  card.style.top = `${under ? below + 8 : Math.max(above - card.offsetHeight - 8, 8)}px`;
};

const FAR = 60; // pixels that the text can move under an open card
let openedAt = 0;

if ("popover" in HTMLElement.prototype) {
  for (const mark of marks) {
    mark.firstElementChild.addEventListener("click", (event) => {
      event.preventDefault();
      card.hidePopover();
      describe(mark);
      card.showPopover();
      openedAt = scrollY;
      beside(mark);
      card.querySelector("a")?.focus({ preventScroll: true });
    });
  }
  card.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !card.contains(event.relatedTarget)) card.hidePopover();
  });
  addEventListener("scroll", () => {
    if (Math.abs(scrollY - openedAt) > FAR) card.hidePopover();
  }, { passive: true });
  card.addEventListener("click", (event) => {
    const link = event.target.closest("[data-mark]");
    if (!link) return;
    event.preventDefault();
    card.hidePopover();
    const tag = link.closest("[data-about]").dataset.about;
    const from = links.find((one) => one.dataset.walk === tag);
    const stops = from.dataset.tour.split(" ").map((id) => document.getElementById(id));
    begin(tag, stops, stops.indexOf(document.getElementById(link.dataset.mark)));
  });
}

addEventListener("keydown", (event) => {
  if (event.key === "Escape" && tour && !card.matches(":popover-open")) end();
});
